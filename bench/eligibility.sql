-- The clauses of every shipped policy, by hand: whom each is for. One column a policy, named after it.
SELECT
  count(*) FILTER (WHERE f_area LIKE '3701%' AND f_sector = 'tertiary'
    AND f_size_class IN ('medium', 'small', 'micro') AND f_layoff_rate <= 0.055) AS "jn25-02b-stable-job"
FROM facts_standing
