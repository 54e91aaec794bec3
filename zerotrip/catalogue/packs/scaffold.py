"""A new service, ready to be changed: its three files with comments, right as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.catalogue.packs import documents

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
# {id}：照办事指南逐项改写；没有写明的删去，不要编造。对照表见 docs/packs.md。
id: {id}
name: {{zh: 新事项, en: New service}}
summary: {{zh: 一两句话说明办什么、给谁办。, en: What it is for and for whom in a sentence or two.}}
category: filing              # permit、confirmation、payment、public_service … 见 docs/packs.md
handling: promised            # immediate 即办件，promised 承诺件
audience: [enterprise]        # enterprise、person，可以都写
themes: [{theme}]
keywords: [新事项]            # 群众的叫法，搜索用
department: {department}
statutory: {{amount: 20, unit: working_days, basis: {{zh: 写明依据, en: Where it says so}}}}
promised: {{amount: 5, unit: working_days, basis: {{zh: 写明依据, en: Where it says so}}}}
# procedures:                 # 特别程序，时间不计入
#   - {{kind: inspection, most: {{amount: 5, unit: working_days, basis: {{zh: 依据, en: Basis}}}}}}
# hearing:                    # 行政许可：应当听证（law、public）或者可以要求听证（asked）
#   {{held: asked, basis: {{zh: 依据, en: Basis}}}}
# third_parties:              # 利害关系人被告知后几日内陈述意见
#   {{within: {{amount: 5, unit: working_days, basis: {{zh: 依据, en: Basis}}}}}}
# variants:                   # 情形不同，时限或结果也不同的
# apply:                      # 什么时候可以申请
visits: 0
channels: [{{zh: 网上办理, en: Online}}]
fee: {{zh: 不收费, en: Free}}
conditions:
- {{zh: 受理条件，一条一项。, en: One condition an item.}}
legal_basis:
- {{title: {{zh: 《法律名称》, en: Name of the law}}, articles: {{zh: 第一条, en: art. 1}}}}
sources: [写明从哪里读到的]
form:                         # 申请表：一段一页
- id: applicant
  title: {{zh: 申请单位, en: Applicant}}
  fields:
  - {{id: unit, kind: enterprise, label: {{zh: 申请单位, en: Applicant}}, default_from: applicant.enterprise}}
  - {{id: contact_name, kind: text, label: {{zh: 联系人, en: Contact}}, default_from: contact.name}}
  - {{id: contact_phone, kind: phone, label: {{zh: 联系电话, en: Telephone}}, default_from: contact.phone}}
- id: matter
  title: {{zh: 申请内容, en: What is applied for}}
  fields:
  - {{id: title, kind: text, label: {{zh: 名称, en: Name}}, max_length: 80}}
  - {{id: rented, kind: yes_no, label: {{zh: 场所是否租赁, en: Premises are rented}}}}
- id: declaration
  title: {{zh: 声明, en: Declaration}}
  fields:
  - id: truth
    kind: multi_choice
    label: {{zh: 声明, en: Declaration}}
    choices:
    - {{value: agreed, label: {{zh: 所填内容和材料真实、有效。, en: What I filled in is true.}}}}
materials:
- id: plan
  name: {{zh: 材料名称, en: Name of the material}}
- id: lease
  name: {{zh: 租赁合同, en: Lease}}
  required: {{fact: rented, is: true}}
stages:
- {{id: intake, kind: intake, department: {department}, name: {{zh: 受理, en: Intake}}}}
- {{id: review, kind: review, department: {department}, after: [intake], name: {{zh: 审查, en: Review}}}}
- {{id: decision, kind: decision, department: {department}, after: [review], name: {{zh: 决定, en: Decision}}}}
outcome:                      # 只有决定书的：{{kind: letter, name: {{…}}}}
  kind: licence
  name: {{zh: 备案凭证, en: Filing receipt}}
  number: 新{{year}}{{seq:05}}
  template: general.typ
  facts: {{unit: answers.unit, title: answers.title}}
subject: title                # 办件列表里的名称取自哪个字段
"""

SAMPLE = """\
# 虚构的申请，和表单对得上；检查、演示都用它。
unit: {{name: 济南示范新材料产业园有限公司, uscc: 91370199DEM000001W}}
contact_name: 周予安
contact_phone: "13800000002"
title: 示范项目
rented: false
truth: [agreed]
"""

SCENARIOS = """\
# 给定这些答案和这一天，应当要这些材料、走这些环节、到这一天。至少两种日历情形。
- name: 周二上午受理
  now: "2026-03-03 09:30"
  expect:
    materials: [plan]
    stages: [[intake], [review], [decision]]
    due: "2026-03-10 17:00"
    statutory_due: "2026-03-31 17:00"
- name: 场所是租的，国庆节前一天下午受理
  now: "2026-09-30 15:00"
  answers: {{rented: true}}
  expect:
    materials: [plan, lease]
    due: "2026-10-13 17:00"
"""


def scaffold(pack: Path, service: str) -> list[Path]:
    """Write the three files of a new service into a pack. Returns them; raises ``FileExistsError`` for one
    that is there, ``ValueError`` when the district cannot be read or has no department or theme."""
    declared = documents.read((pack / "district.yaml").read_text(encoding="utf-8")).value
    try:
        department, theme = declared["departments"][0]["code"], declared["themes"][0]["id"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("district.yaml") from error
    texts = {"services": SERVICE, "samples": SAMPLE, "scenarios": SCENARIOS}
    paths = {folder: pack / folder / f"{service}.yaml" for folder in texts}
    for path in paths.values():
        if path.exists():
            raise FileExistsError(path)
    for folder, text in texts.items():
        paths[folder].parent.mkdir(exist_ok=True)
        told = text.format(id=service, department=department, theme=theme)
        paths[folder].write_text(told, encoding="utf-8")
    return list(paths.values())
