-- The clauses of every shipped policy for enterprises, by hand: whom each is for. One column a policy, named after it.
-- Cheap and selective comparisons first; what several policies ask is asked where they need it, as anybody would.
SELECT
  count(*) FILTER (WHERE f_entity_type = 'bank' AND f_area LIKE '3701%' AND f_largest_micro_loan <= 10000000
    AND f_rate_over_lpr <= 0.3 AND f_micro_share_gain >= 1.5) AS "jn-bank-2020",
  count(*) FILTER (WHERE f_renewal_agreed AND f_area LIKE '3701%') AS "jn-bridge-fund",
  count(*) FILTER (WHERE f_above_scale AND f_restructured AND f_area LIKE '3701%') AS "jn-corporatise",
  count(*) FILTER (WHERE f_new_farm_entity AND f_guarantee_fee_rate <= 0.03 AND f_area LIKE '3701%')
    AS "jn-fin-2024-agri-guarantee",
  count(*) FILTER (WHERE f_new_farm_entity AND f_loan_purpose IN ('plant', 'equipment', 'fixed', 'working')
    AND NOT 'provincial-project' = ANY (f_had_support) AND f_area LIKE '3701%') AS "jn-fin-2024-agri",
  count(*) FILTER (WHERE f_in_investment_library AND f_loan_purpose IN ('plant', 'equipment') AND f_loan_months > 12
    AND f_area LIKE '3701%') AS "jn-fin-2024-industrial",
  count(*) FILTER (WHERE f_size_class IN ('small', 'micro') AND f_recent_graduate_hires >= 1 AND f_area LIKE '3701%')
    AS "jn-graduate-si",
  count(*) FILTER (WHERE f_area LIKE '370171%' AND f_hitech IN ('first', 'again')) AS "jn-hitech-zone",
  count(*) FILTER (WHERE f_hires_insured AND f_founded_on >= '2013-10-01' AND f_job_seeker_hires >= 1
    AND f_contract_years >= 1 AND f_wage_to_minimum >= 1 AND f_area LIKE '3701%') AS "jn-job-creation",
  count(*) FILTER (WHERE f_entity_type = 'sole-trader' AND f_incubator = 'municipal' AND f_area LIKE '3701%')
    AS "jn-rent-startup-individual",
  count(*) FILTER (WHERE f_size_class IN ('small', 'micro') AND f_area LIKE '3701%'
    AND (f_staff <= 100 AND f_priority_hire_share >= 0.15 OR f_staff > 100 AND f_priority_hire_share >= 0.08))
    AS "jn-startup-loan-firm-2022",
  count(*) FILTER (WHERE f_size_class IN ('small', 'micro') AND f_running = 'open' AND f_founder_of_age
    AND f_founded_on BETWEEN '2013-10-01' AND (now() AT TIME ZONE 'Asia/Shanghai')::date - interval '12 months'
    AND f_founder_months >= 6 AND f_founder_backpaid <= 3 AND NOT 'startup-subsidy' = ANY (f_had_support)
    AND f_area LIKE '3701%') AS "jn-startup-subsidy",
  count(*) FILTER (WHERE f_key_industry AND f_area LIKE '3701%'
    AND (f_revenue > 1000000000 AND f_past_peak_revenue <= 1000000000
      OR f_revenue > 5000000000 AND f_past_peak_revenue <= 5000000000
      OR f_revenue > 10000000000 AND f_past_peak_revenue <= 10000000000
      OR f_revenue > 100000000000 AND f_past_peak_revenue <= 100000000000)) AS "jn-ten-trillion",
  count(*) FILTER (WHERE f_area LIKE '3701%' AND (f_taxpayer_type = 'small-scale' OR f_entity_type = 'sole-trader'
    OR f_industry LIKE 'C%' OR f_sector = 'tertiary'
    OR f_taxable_income <= 3000000 AND f_staff <= 300 AND f_assets <= 50000000)) AS "jn25-01-tax",
  count(*) FILTER (WHERE f_unemployment_insured AND f_area LIKE '3701%') AS "jn25-02a-unemp-rate",
  count(*) FILTER (WHERE f_sector = 'tertiary' AND f_size_class IN ('medium', 'small', 'micro')
    AND f_layoff_rate <= 0.055 AND f_area LIKE '3701%') AS "jn25-02b-stable-job",
  count(*) FILTER (WHERE f_operating_difficulty AND f_workers_agreed AND f_area LIKE '3701%') AS "jn25-03-housing-fund",
  count(*) FILTER (WHERE f_payment_difficulty AND f_area LIKE '3701%') AS "jn25-04-utilities-rev",
  count(*) FILTER (WHERE f_payment_difficulty AND f_hit_by_epidemic AND f_area LIKE '3701%') AS "jn25-04-utilities",
  count(*) FILTER (WHERE f_occupant AND f_landlord IN ('municipal', 'public') AND f_area LIKE '3701%'
    AND (f_entity_type = 'sole-trader' OR f_inclusive_kindergarten
      OR f_sector = 'tertiary' AND f_size_class IN ('small', 'micro'))) AS "jn25-05-rent",
  count(*) FILTER (WHERE f_industry LIKE 'L7291%' AND f_area LIKE '3701%') AS "jn25-07-travel",
  count(*) FILTER (WHERE f_entity_type = 'bank' AND f_renews_without_principal AND f_area LIKE '3701%')
    AS "jn25-bank-award",
  count(*) FILTER (WHERE f_service_kind IN ('producer', 'consumer')) AS "nat-14dept-additional",
  count(*) FILTER (WHERE f_industry LIKE 'G541%' OR f_industry LIKE 'G5421%' OR f_industry LIKE 'G5513%')
    AS "nat-14dept-public-transport",
  count(*) FILTER (WHERE f_industry LIKE 'C%' AND f_entity_type IN ('company', 'sole-trader')
    AND f_revenue < 400000000) AS "nat-mfg-deferral",
  count(*) FILTER (WHERE f_staff_tested AND (f_industry LIKE 'H62%' OR f_industry LIKE 'F52%')) AS "nat-nat-subsidy",
  count(*) FILTER (WHERE f_is_branch AND (f_industry LIKE 'G53%' OR f_industry LIKE 'G56%')) AS "nat-rail-air",
  count(*) FILTER (WHERE f_landlord = 'central' AND (f_entity_type = 'sole-trader'
    OR f_sector = 'tertiary' AND f_size_class IN ('small', 'micro'))) AS "nat-sasac-rent",
  count(*) FILTER (WHERE f_wider_hit_trade) AS "nat-si-defer-22",
  count(*) FILTER (WHERE f_hard_hit_trade) AS "nat-si-defer-5",
  count(*) FILTER (WHERE f_taxpayer_type = 'small-scale' OR f_entity_type = 'sole-trader'
    OR f_taxable_income <= 3000000 AND f_staff <= 300 AND f_assets <= 50000000) AS "nat-six-taxes",
  count(*) FILTER (WHERE NOT f_restricted_trade AND f_taxable_income > 1000000 AND f_taxable_income <= 3000000
    AND f_staff <= 300 AND f_assets <= 50000000) AS "nat-small-cit",
  count(*) FILTER (WHERE NOT f_blacklisted AND f_running = 'open' AND f_insured_months >= 12
    AND (f_layoff_rate <= 0.055 OR f_insured_count <= 30 AND f_layoff_rate <= 0.2)) AS "nat-stable-job-2022",
  count(*) FILTER (WHERE f_insured_months >= 12) AS "nat-stable-job-2023",
  count(*) FILTER (WHERE f_tax_credit IN ('a', 'b') AND NOT f_refund_fraud AND NOT f_immediate_refund
    AND f_evasion_penalties < 2) AS "nat-vat-refund",
  count(*) FILTER (WHERE f_quarantine_lodging AND f_area LIKE '37%') AS "sd-2022-lodging",
  count(*) FILTER (WHERE f_vehicles_bought >= 1 AND f_area LIKE '37%') AS "sd-2022-nev",
  count(*) FILTER (WHERE f_landlord IN ('central', 'provincial', 'municipal', 'district', 'public')
    AND f_area LIKE '37%' AND (f_entity_type = 'sole-trader'
      OR f_sector = 'tertiary' AND f_size_class IN ('small', 'micro'))) AS "sd-2022-rent",
  count(*) FILTER (WHERE f_industry LIKE 'L7291%' AND f_area LIKE '37%') AS "sd-2022-travel",
  count(*) FILTER (WHERE f_control = 'private' AND f_area LIKE '37%'
    AND (f_revenue > 10000000000 AND f_past_peak_revenue <= 10000000000
      OR f_revenue > 50000000000 AND f_past_peak_revenue <= 50000000000
      OR f_revenue > 100000000000 AND f_past_peak_revenue <= 100000000000)) AS "sd-xinkuayue",
  count(*) FILTER (WHERE (f_area LIKE '11%' OR f_tax_area LIKE '11%')
    AND f_landlord IN ('central', 'provincial', 'municipal', 'district') AND (f_entity_type = 'sole-trader'
      OR f_sector = 'tertiary' AND f_size_class IN ('small', 'micro'))) AS "bj-rent",
  count(*) FILTER (WHERE f_area LIKE '4207%' AND f_risk_2022 = 'none' AND f_hard_hit_trade) AS "ez-training",
  count(*) FILTER (WHERE f_area LIKE '52%' AND f_risk_2022 = 'county' AND NOT f_blacklisted AND f_running = 'open'
    AND f_entity_type NOT IN ('government', 'institution')) AS "gz-training",
  count(*) FILTER (WHERE f_area LIKE '46%' AND (f_hard_hit_trade OR f_wider_hit_trade)) AS "hn-si-defer",
  count(*) FILTER (WHERE f_area LIKE '3702%' AND f_state_asset_deal) AS "qd-2023-fee-cut",
  count(*) FILTER (WHERE f_area LIKE '3702%' AND f_hit_by_epidemic
    AND f_loan_due BETWEEN '2022-10-01' AND '2022-12-31'
    AND (f_size_class IN ('small', 'micro') OR f_entity_type = 'sole-trader' OR f_loan_type = 'owner'))
    AS "qd-2023-loan",
  count(*) FILTER (WHERE f_area LIKE '3702%' AND f_liability_insured AND f_industry LIKE 'L7291%')
    AS "qd-2023-travel-insurance",
  count(*) FILTER (WHERE f_area LIKE '3702%' AND f_landlord IN ('central', 'provincial', 'municipal', 'district'))
    AS "qd-rent",
  count(*) FILTER (WHERE f_area LIKE '1303%' AND f_unemployment_insured) AS "qhd-training",
  count(*) FILTER (WHERE f_area LIKE '370199%' AND f_hard_hit_trade AND f_size_class IN ('small', 'micro'))
    AS "sf26-steady-trades",
  count(*) FILTER (WHERE f_area LIKE '31%' AND f_key_works AND f_site_share >= 0.8) AS "sh-construction",
  count(*) FILTER (WHERE f_area LIKE '4403%' AND f_entity_type IN ('company', 'sole-trader')) AS "sz-electricity",
  count(*) FILTER (WHERE f_area LIKE '4403%' AND f_landlord = 'municipal'
    AND (f_entity_type IN ('sole-trader', 'kindergarten')
      OR (f_sector = 'tertiary' OR f_industry LIKE 'C%') AND f_size_class IN ('small', 'micro'))) AS "sz-rent",
  count(*) FILTER (WHERE f_area LIKE '4403%' AND f_closed_since >= '2022-01-01' AND f_closed_until <= '2022-04-30')
    AS "sz-training",
  count(*) FILTER (WHERE f_area LIKE '12%' AND (f_hard_hit_trade OR f_wider_hit_trade)) AS "tj-si-defer"
FROM facts_standing
