"""The notices there are: a title and a text each, in the reader's language when shown or sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Template:
    """Title and text of a notice, with placeholders of its context."""

    title: str | Promise
    text: str | Promise


NOTICES: dict[str, Template] = {
    "submitted": Template(
        _("已收到您的申请：%(service)s"),
        _("办件编号 %(number)s。我们会在 %(due)s 前受理，或一次性告诉您需要补充什么。"),
    ),
    "need_raised": Template(
        _("已收到您的诉求：%(subject)s"),
        _("编号 %(number)s（%(service)s），由%(who)s帮办，%(due)s 前答复您。"),
    ),
    "need_noted": Template(
        _("已为您的企业登记诉求：%(subject)s"),
        _("编号 %(number)s（%(service)s），由%(who)s帮办，%(due)s 前答复您。不需要的，可以在诉求页面撤回。"),
    ),
    "need_answered": Template(
        _("您的诉求有答复了：%(subject)s"),
        _("编号 %(number)s，%(who)s：%(said)s"),
    ),
    "need_planned": Template(
        _("您的诉求有方案了：%(subject)s"),
        _("编号 %(number)s，%(who)s：%(said)s"),
    ),
    "need_reported": Template(
        _("您的诉求有进展：%(subject)s"),
        _("编号 %(number)s，%(who)s：%(said)s"),
    ),
    "need_added": Template(
        _("已为您的诉求补充情况：%(subject)s"),
        _("编号 %(number)s，%(who)s代您登记：%(said)s"),
    ),
    "need_handed_on": Template(
        _("您的诉求换了帮办人：%(subject)s"),
        _("编号 %(number)s，现在由%(who)s帮办。"),
    ),
    "need_resolved": Template(
        _("请确认是否解决：%(subject)s"),
        _("编号 %(number)s，办理结果：%(said)s。满意的请评价；不满意的，我们由上一级接着办。"),
    ),
    "need_unresolved": Template(
        _("您的诉求未能解决：%(subject)s"),
        _("编号 %(number)s，原因：%(said)s。不满意的请评价，我们由上一级接着办。"),
    ),
    "need_settled": Template(
        _("您的诉求已办结：%(subject)s"),
        _("编号 %(number)s，没有收到您的确认，先按已解决办结。还没解决的，评价不满意就会由上一级接着办。"),
    ),
    "need_reopened": Template(
        _("您的诉求由上一级接着办：%(subject)s"),
        _("编号 %(number)s，现在由%(who)s负责，%(due)s 前答复您。"),
    ),
    "confirm_reminder": Template(
        _("还没有收到您的确认：%(subject)s"),
        _("编号 %(number)s，请在 %(due)s 前告诉我们解决了没有。"),
    ),
    "staff_need": Template(
        _("新诉求：%(subject)s"),
        _("编号 %(number)s（%(service)s），请在 %(due)s 前答复企业。"),
    ),
    "staff_need_added": Template(
        _("企业补充了情况：%(subject)s"),
        _("编号 %(number)s（%(service)s），%(who)s：%(said)s"),
    ),
    "staff_need_moved": Template(
        _("诉求改由%(who)s帮办：%(subject)s"),
        _("编号 %(number)s（%(service)s），%(by)s调整：%(said)s"),
    ),
    "staff_need_declined": Template(
        _("诉求被全部退回，请牵头：%(subject)s"),
        _("编号 %(number)s（%(service)s），请在 %(due)s 前答复企业。%(reasons)s"),
    ),
    "staff_need_reopened": Template(
        _("企业不满意（第 %(times)s 次），请接着办：%(subject)s"),
        _("编号 %(number)s（%(service)s），请在 %(due)s 前答复企业。企业说：%(said)s"),
    ),
    "staff_need_reminder": Template(
        _("别忘了这件诉求：%(subject)s"),
        _("编号 %(number)s（%(service)s），%(due)s 到期。"),
    ),
    "staff_rule_stopped": Template(
        _("分派规则停用：%(rule)s"),
        _("%(why)s。请换人或者停用这条规则，期间的诉求由值班人员接。"),
    ),
    "mail_taken": Template(
        _("已收到您的邮件：%(service)s"),
        _(
            "办件 %(number)s。收下：%(taken)s。没有收下：%(left)s。还缺：%(missing)s。"
            "发邮件不等于提交，请打开链接核对后提交。"
        ),
    ),
    "mail_made_up": Template(
        _("已收下您补交的材料：%(service)s"),
        _("办件 %(number)s。收下：%(taken)s。核对后会告诉您结果。还要补交：%(missing)s。"),
    ),
    "mail_kept": Template(
        _("已收到您的邮件：%(subject)s"),
        _("邮件没有自动归入办件：%(why)s。工作人员会查看并答复您，您也可以在网上办理。"),
    ),
    "correction_requested": Template(
        _("请补正 %(count)s 处：%(service)s"),
        _("办件 %(number)s 需要补正，要改的地方已全部列出，改好后重新提交即可。"),
    ),
    "correction_due": Template(
        _("请补正 %(count)s 处：%(service)s"),
        _("办件 %(number)s 需要补正，要改的地方已全部列出，请在 %(due)s 前改好并重新提交。"),
    ),
    "correction_taken_back": Template(
        _("补正告知已收回：%(service)s"),
        _("办件 %(number)s 不需要补正了，我们继续办理。说明：%(reason)s"),
    ),
    "answer_reminder": Template(
        _("别忘了补正：%(service)s"),
        _("办件 %(number)s 等您补正，请在 %(due)s 前重新提交，逾期可能视为撤回申请。"),
    ),
    "lapsed": Template(
        _("逾期未补正，视为撤回：%(service)s"),
        _("办件 %(number)s 到期没有补正，已经结束。需要时可以重新申报。"),
    ),
    "lapsed_may_reopen": Template(
        _("逾期未补正，视为撤回：%(service)s"),
        _("办件 %(number)s 到期没有补正，已经结束。%(due)s 前可以恢复办理，已经改好的内容还在。"),
    ),
    "corrected": Template(
        _("已收到您的补正：%(service)s"),
        _("办件编号 %(number)s。我们会在 %(due)s 前答复您。"),
    ),
    "accepted": Template(
        _("已受理：%(service)s"),
        _("办件编号 %(number)s，%(due)s 前办结。"),
    ),
    "accepted_with_gaps": Template(
        _("已容缺受理：%(service)s"),
        _("办件编号 %(number)s，%(due)s 前办结。还有 %(count)s 件材料请在 %(by)s 前补交。"),
    ),
    "make_up_reminder": Template(
        _("请按时补交：%(what)s"),
        _("办件 %(number)s 容缺受理时答应后补的“%(what)s”，请在 %(due)s 前补交。"),
    ),
    "made_up": Template(
        _("后补材料已核对：%(material)s"),
        _("办件 %(number)s 的“%(material)s”已经补齐。"),
    ),
    "make_up_returned": Template(
        _("后补材料不符：%(material)s"),
        _("办件 %(number)s：%(reason)s 请在 %(due)s 前重新补交。"),
    ),
    "make_up_missed": Template(
        _("到期没有补交：%(material)s"),
        _("办件 %(number)s 的“%(material)s”到期没有补交，按容缺承诺处理。处理结果见办件。"),
    ),
    "material_owed": Template(
        _("请补交：%(material)s"),
        _("办件 %(number)s 代替“%(material)s”的电子证照核验不通过：%(reason)s。请在 %(due)s 前补交这件材料。"),
    ),
    "staff_licence_failed": Template(
        _("电子证照核验不通过：%(number)s"),
        _("%(service)s：代替“%(material)s”的证照 %(licence)s 核验不通过，请看办件页面。"),
    ),
    "staff_licence_differs": Template(
        _("证照库给出了不同的答复：%(number)s"),
        _("%(service)s：代替“%(material)s”的证照 %(licence)s，再次查询的内容和第一次不同，请核实。"),
    ),
    "rehearsal_begun": Template(
        _("开始预审：%(service)s"),
        _("办件编号 %(number)s，预计 %(due)s 前给出预审意见。预审不是行政决定。"),
    ),
    "rehearsal_good": Template(
        _("预审通过：%(service)s"),
        _("办件 %(number)s 预审没有发现问题。补齐前置材料后可以一步转为正式，不再重复审查。预审不是行政决定。"),
    ),
    "rehearsal_bad": Template(
        _("预审发现问题：%(service)s"),
        _("办件 %(number)s：%(opinion)s 预审不是行政决定，改好后可以转为正式。"),
    ),
    "formalised": Template(
        _("已转为正式办理：%(service)s"),
        _("办件 %(number)s 已受理，%(due)s 前办结。"),
    ),
    "suspended": Template(
        _("启动%(kind)s，暂停计时：%(service)s"),
        _(
            "办件 %(number)s 需要%(kind)s，所需时间到 %(due)s 止，不计入办理期限"
            "（《行政许可法》第四十五条）。理由：%(reason)s"
        ),
    ),
    "resumed": Template(
        _("%(kind)s结束，恢复计时：%(service)s"),
        _("办件 %(number)s 恢复计时，%(due)s 前办结。"),
    ),
    "hear_view": Template(
        _("您的申请涉及他人重大利益，您可以陈述意见：%(service)s"),
        _(
            "办件 %(number)s 涉及：%(interest)s。您可以在 %(due)s 前在办件页面陈述意见"
            "（《行政许可法》第三十六条）。"
        ),
    ),
    "third_view": Template(
        _("一项许可申请涉及您的利益，您可以陈述意见：%(service)s"),
        _(
            "%(subject)s 正在申请，涉及您的：%(interest)s。您可以在 %(due)s 前向%(department)s陈述意见、"
            "申辩（《行政许可法》第三十六条）。"
        ),
    ),
    "hear_right": Template(
        _("您有权要求听证：%(service)s"),
        _("办件 %(number)s 可以在 %(due)s 前在办件页面要求听证或者放弃。听证不收费（《行政许可法》第四十七条）。"),
    ),
    "third_right": Template(
        _("您有权要求听证：%(service)s"),
        _(
            "%(subject)s 正在申请。您可以在 %(due)s 前向%(department)s要求听证。"
            "听证不收费（《行政许可法》第四十七条）。"
        ),
    ),
    "hear_hearing": Template(
        _("听证通知：%(service)s"),
        _(
            "办件 %(number)s 的听证 %(when)s 在%(place)s举行，由%(presider)s主持。听证不收费；"
            "认为主持人有直接利害关系的，可以申请回避。"
        ),
    ),
    "third_hearing": Template(
        _("听证通知：%(service)s"),
        _(
            "%(subject)s 的听证 %(when)s 在%(place)s举行，由%(presider)s主持。听证不收费；"
            "认为主持人有直接利害关系的，可以向%(department)s申请回避。"
        ),
    ),
    "recusal_settled": Template(
        _("回避申请已答复：%(service)s"),
        _("办件 %(number)s：%(answer)s 听证由%(presider)s主持。"),
    ),
    "staff_hearing_watch": Template(
        _("听证期限快到：%(number)s"),
        _("%(service)s，收到了听证要求，%(due)s 前要举行听证。"),
    ),
    "staff_hearing_late": Template(
        _("听证超过期限：%(number)s"),
        _("%(service)s，应当在 %(due)s 前举行听证（《行政许可法》第四十七条）。"),
    ),
    "extended": Template(
        _("办理期限已延长：%(service)s"),
        _("办件 %(number)s 经批准延长，%(due)s 前办结（《行政许可法》第四十二条）。理由：%(reason)s"),
    ),
    "terminated": Template(
        _("终止办理：%(service)s"),
        _("办件编号 %(number)s。理由：%(reasons)s"),
    ),
    "rectification_ordered": Template(
        _("请按核查意见整改：%(service)s"),
        _("办件 %(number)s 的告知承诺核查发现：%(finding)s 请在 %(due)s 前整改，到期复查。"),
    ),
    "rectify_reminder": Template(
        _("别忘了整改：%(service)s"),
        _("办件 %(number)s 请在 %(due)s 前完成整改。"),
    ),
    "commitment_false": Template(
        _("告知承诺不实：%(service)s"),
        _(
            "办件 %(number)s 核查发现：%(finding)s 证照已撤销，%(until)s 前不再适用告知承诺。"
            "不服的，可以申请行政复议或者提起行政诉讼。"
        ),
    ),
    "staff_watch": Template(
        _("快到期：%(number)s"),
        _("%(service)s，%(due)s 到期。"),
    ),
    "staff_late": Template(
        _("已超期：%(number)s"),
        _("%(service)s，应当在 %(due)s 前办结。"),
    ),
    "staff_escalated": Template(
        _("超期未办结，提请督促：%(number)s"),
        _("%(service)s，应当在 %(due)s 前办结，到现在还没有办。"),
    ),
    "staff_make_up_missed": Template(
        _("容缺材料到期没有补交：%(number)s"),
        _("%(service)s：%(material)s。后果已按事项规定处理。"),
    ),
    "staff_duty_missed": Template(
        _("到期没有履行：%(number)s"),
        _("%(service)s：%(what)s。请跟进。"),
    ),
    "declined": Template(
        _("不予受理：%(service)s"),
        _("办件编号 %(number)s。理由：%(reasons)s"),
    ),
    "granted": Template(
        _("已准予：%(service)s"),
        _("办件编号 %(number)s，正在制作电子证照。"),
    ),
    "refused": Template(
        _("不予许可：%(service)s"),
        _("办件编号 %(number)s。理由：%(reasons)s"),
    ),
    "delivered": Template(
        _("证照已送达：%(outcome)s"),
        _("办件 %(number)s 已办结，电子证照在您的“证照”里。"),
    ),
    "decided_in_writing": Template(
        _("已办结：%(outcome)s"),
        _("办件 %(number)s 已办结，决定书在办件页面，可以下载。"),
    ),
    "delivered_by_post": Template(
        _("纸质证照已送达：%(outcome)s"),
        _("办件 %(number)s 已办结。电子证照在您的“证照”里。"),
    ),
    "delivered_by_counter": Template(
        _("纸质证照已领取：%(outcome)s"),
        _("办件 %(number)s 已办结。电子证照在您的“证照”里。"),
    ),
    "paper_to_be_posted": Template(
        _("电子证照已可使用，纸质件将寄给您：%(outcome)s"),
        _("办件编号 %(number)s。寄出后告诉您快递单号；寄出前可以在办件页面改收件信息。"),
    ),
    "paper_to_be_collected": Template(
        _("电子证照已可使用，纸质件可以来领：%(outcome)s"),
        _("办件编号 %(number)s，请到%(department)s窗口领取。"),
    ),
    "paper_posted": Template(
        _("纸质证照已寄出：%(outcome)s"),
        _("办件编号 %(number)s，快递单号 %(tracking)s。"),
    ),
    "paper_undelivered": Template(
        _("纸质证照没有送到：%(outcome)s"),
        _("办件编号 %(number)s，快递单号 %(tracking)s。原因：%(reason)s。请在办件页面核对收件信息，以便重新寄送。"),
    ),
    "withdrawn": Template(
        _("已撤回：%(service)s"),
        _("办件 %(number)s 已按您的要求撤回。"),
    ),
    "rate": Template(
        _("办得怎么样？请评价：%(service)s"),
        _("办件 %(number)s 已经办结，点开链接就能评价，不用登录。差评会有负责人在一个工作日内回访。"),
    ),
    "called_back": Template(
        _("您的评价已回访：%(service)s"),
        _("办件 %(number)s：%(what)s"),
    ),
    "staff_call_back": Template(
        _("差评待回访：%(number)s"),
        _("%(service)s，请在 %(due)s 前联系申请人，登记了解到的情况和整改结果。"),
    ),
    "licence_suspended": Template(
        _("证照已暂停：%(title)s"),
        _("证照编号 %(number)s 暂停使用。理由：%(reason)s"),
    ),
    "licence_resumed": Template(
        _("证照已恢复：%(title)s"),
        _("证照编号 %(number)s 恢复有效。说明：%(reason)s"),
    ),
    "licence_revoked": Template(
        _("证照%(ended)s：%(title)s"),
        _("证照编号 %(number)s %(ended)s，不再有效。理由：%(reason)s 不服的，可以申请行政复议或者提起行政诉讼。"),
    ),
    "licence_cancelled": Template(
        _("证照已注销：%(title)s"),
        _("证照编号 %(number)s 已按您的申请注销，不再有效。"),
    ),
    "licence_fulfilled": Template(
        _("证照已换发，不再附条件：%(title)s"),
        _("证照编号 %(number)s 所附的条件已经满足，新版证照在您的“证照”里，原来的一版不再使用。"),
    ),
    "licence_corrected": Template(
        _("证照内容已更正：%(title)s"),
        _("证照编号 %(number)s 有文字错误，已经更正并换发，编号和有效期不变。新版在您的“证照”里。"),
    ),
    "decision_corrected": Template(
        _("决定书文字已更正：%(service)s"),
        _("办件 %(number)s 的决定书有文字错误，已经更正，更正通知书和更正后的决定书在办件页面。"),
    ),
    "barred": Template(
        _("一段时间内不能再次申请：%(licence)s"),
        _(
            "因办件 %(number)s 的决定，%(until)s 前不能再次申请“%(licence)s”。理由和依据见决定书。"
            "不服的，可以申请行政复议或者提起行政诉讼。"
        ),
    ),
    "bar_lifted": Template(
        _("限制已解除：%(what)s"),
        _("因办件 %(number)s 对您的限制已经解除，可以照常申请。理由：%(reason)s"),
    ),
    "goods_recalled": Template(
        _("请封存：%(item)s（%(number)s）"),
        _("%(reason)s。请立即停止销售和使用这个批次和用它拆分、合并出的批次，就地封存，等工作人员联系。"),
    ),
    "goods_sent": Template(
        _("货物已发出，请确认收货：%(item)s"),
        _("%(sender)s 发来 %(quantity)s，批次 %(number)s。收到后请核对数量并确认。"),
    ),
    "supply_answered": Template(
        _("物资申请有结果了：%(item)s"),
        _("申请 %(quantity)s，%(said)s"),
    ),
    "order_given": Template(
        _("%(issuer)s：%(what)s"),
        _("请在 %(due)s 前完成并反馈。"),
    ),
    "orders_given": Template(
        _("%(issuer)s：%(what)s（%(count)s 项）"),
        _("一共 %(count)s 项，最早的一项 %(due)s 到期，打开链接可以看到每一项。"),
    ),
    "order_moved": Template(
        _("期限改了：%(what)s"),
        _("现在请在 %(due)s 前完成。原因：%(reason)s"),
    ),
    "order_withdrawn": Template(
        _("不用再办了：%(what)s"),
        _("这一项已经撤销。原因：%(reason)s"),
    ),
    "order_urged": Template(
        _("请尽快反馈：%(what)s"),
        _("发出部门在等您反馈，期限是 %(due)s。"),
    ),
    "order_returned": Template(
        _("反馈被退回，请补充：%(what)s"),
        _("%(reason)s 请在 %(due)s 前重新提交，原来填的都在。"),
    ),
    "order_late": Template(
        _("已经逾期：%(what)s"),
        _("期限是 %(due)s，还没有收到反馈，请尽快补上。"),
    ),
    "orders_late": Template(
        _("有 %(count)s 项逾期没有反馈：%(what)s"),
        _("打开链接可以看到是哪些，可以催办、改期或撤销。"),
    ),
    "orders_answered": Template(
        _("都反馈了：%(what)s"),
        _("各单位都已反馈，请查看汇总。"),
    ),
    "task_reminder": Template(
        _("任务快到期了：%(what)s"),
        _("请在 %(due)s 前完成并反馈。"),
    ),
    "visit_reminder": Template(
        _("走访快到期了：%(what)s"),
        _("请在 %(due)s 前走访并填写记录。"),
    ),
    "report_reminder": Template(
        _("请尽快填报：%(what)s"),
        _("请在 %(due)s 前填好提交。"),
    ),
    "standing_reminder": Template(
        _("还没有报：%(what)s"),
        _("还有 %(count)s 项没报，请在 %(due)s 前报上。"),
    ),
    "staff_standing_reminder": Template(
        _("还有没报的：%(what)s"),
        _("您负责的地方还有 %(count)s 个没报，%(due)s 截止。打开链接看名单，请联系提醒。"),
    ),
    "receipt_reminder": Template(
        _("请签收通知：%(what)s"),
        _("请在 %(due)s 前阅读并签收。"),
    ),
    "warning_reminder": Template(
        _("预警请处置：%(what)s"),
        _("请在 %(due)s 前决定是否走访。"),
    ),
    "warning_given": Template(
        _("预警：%(about)s %(what)s"),
        _("%(why)s 请在 %(due)s 前决定是否走访。"),
    ),
    "warning_turned": Template(
        _("好消息：%(about)s 已恢复"),
        _("“%(what)s”的预警已解除：%(figures)s。"),
    ),
    "milestone_reminder": Template(
        _("项目节点快到了：%(what)s"),
        _("项目“%(project)s”的节点“%(what)s”约定在 %(due)s 前达到。有困难请尽早告诉项目管家。"),
    ),
    "project_next": Template(
        _("请办下一项许可：%(service)s"),
        _("项目“%(project)s”现在可以办这一项，项目情况和已交过的材料会自动带入。项目管家：%(steward)s。"),
    ),
    "staff_project_answered": Template(
        _("项目问题已办结：%(project)s"),
        _("“%(what)s”（%(number)s）已经办结，结果在项目页面。"),
    ),
    "staff_project_late": Template(
        _("项目有事项逾期：%(project)s"),
        _("“%(what)s”到期没有完成，请跟进。"),
    ),
    "staff_project_entrusted": Template(
        _("企业委托您代办：%(project)s"),
        _("%(owner)s委托您代办计划内的许可。您代办的件，审查和决定时要回避。"),
    ),
    "deemed_renewed": Template(
        _("视为准予延续：%(service)s"),
        _("办件 %(number)s 在证照到期前没有作出决定，依照%(law)s，视为准予延续，正在换发证照。"),
    ),
    "policies_fit": Template(
        _("有 %(count)s 项政策适合您的企业"),
        _("按我们掌握的情况，您的企业新符合 %(count)s 项政策的条件。理由、能得多少、怎么享受，打开链接可以看到。"),
    ),
    "grant_ask": Template(
        _("给您的补贴，请确认：%(policy)s"),
        _(
            "您不用申请，经测算可得 %(amount)s 元，名单正在公示，到 %(until)s 结束。"
            "请打开链接核对，填写收款账号后确认。"
        ),
    ),
    "grant_silence": Template(
        _("给您的补贴，不用申请：%(policy)s"),
        _("经测算可得 %(amount)s 元，名单公示到 %(until)s。没有异议就发放；不想要的，可以打开链接放弃。"),
    ),
    "grant_reminder": Template(
        _("补贴还等您确认：%(policy)s"),
        _(
            "%(amount)s 元还没有发放，等您填写收款账号后确认。公示到 %(until)s 结束，"
            "以后仍可以确认，直到这一批办结。"
        ),
    ),
    "grant_withheld": Template(
        _("这笔补贴不发放：%(policy)s"),
        _("公示中的 %(amount)s 元不发放。理由：%(reason)s 有疑问的，请联系发放部门。"),
    ),
    "grant_left_out": Template(
        _("这一批补贴没有列入您的企业：%(policy)s"),
        _("您的企业符合条件，但名额或总额有限：%(reason)s 名单已经公示，有疑问的可以在公示期内提出异议。"),
    ),
    "grant_paid": Template(
        _("补贴已发放：%(policy)s"),
        _("%(amount)s 元已经付到您的账户，请查收。"),
    ),
    "grant_returned": Template(
        _("补贴被银行退回，请改账号：%(policy)s"),
        _("%(amount)s 元没有付成：%(reason)s 请打开链接填写新的收款账号。"),
    ),
    "objection": Template(
        _("公示收到异议：%(policy)s"),
        _("%(subject)s 请在公示结束前核实并答复。"),
    ),
    "notice_closed": Template(
        _("公示已结束：%(policy)s"),
        _("可以编制发放清单了。"),
    ),
    "list_ready": Template(
        _("发放清单待审批：%(policy)s"),
        _("清单 %(number)s，共 %(count)s 笔，请另一位负责人核对后审批。"),
    ),
}
NOTICES |= {
    "match_found": Template(
        _("为您找到 %(count)s 个合适的：%(title)s"),
        _("打开就能看到为什么合适。双方都同意后，互相看到联系方式。"),
    ),
    "match_new": Template(
        _("有一个合适的对接：%(title)s"),
        _("%(kind)s：对方是“%(other)s”。打开看看为什么合适，同意或者不考虑都可以。"),
    ),
    "match_agreed": Template(
        _("对方同意对接：%(title)s"),
        _("“%(other)s”一方已经同意。您也同意后，双方就能看到联系方式。"),
    ),
    "match_introduced": Template(
        _("双方都同意了，请联系：%(title)s"),
        _("您和“%(other)s”一方现在可以看到彼此的联系方式。谈得怎么样，请回来登记结果。"),
    ),
    "match_taken_back": Template(
        _("对方收回了同意：%(title)s"),
        _("“%(other)s”一方收回了同意，联系方式不再显示，预留也取消了。对方仍可以再次同意。"),
    ),
    "match_refused": Template(
        _("对方这次不考虑：%(title)s"),
        _("“%(other)s”一方不考虑：%(reason)s 这一对不会再推荐，有其他合适的会继续通知您。"),
    ),
    "match_lapsed": Template(
        _("对接到期没有回音：%(title)s"),
        _("和“%(other)s”的对接到期，没有等到双方同意。仍有意向的，打开后可以再次同意。"),
    ),
    "match_dropped": Template(
        _("对方已经落实或撤下：%(title)s"),
        _("“%(other)s”已经落实给别人或者撤下了。有其他合适的会继续通知您。"),
    ),
    "match_reserved": Template(
        _("对方预留了：%(title)s"),
        _("“%(other)s”一方预留到 %(until)s。期间不再推荐给别人，到期没有落实会自动取消。"),
    ),
    "match_released": Template(
        _("预留取消了：%(title)s"),
        _("和“%(other)s”的预留到期或者已经取消。还需要的，可以再次预留。"),
    ),
    "match_succeeded": Template(
        _("已登记对接成功：%(title)s"),
        _("和“%(other)s”的对接登记为成功。登记得不对的，打开后可以更正。"),
    ),
    "match_failed": Template(
        _("已登记没有谈成：%(title)s"),
        _("和“%(other)s”的对接登记为没有谈成。有其他合适的会继续通知您。"),
    ),
    "resource_confirm": Template(
        _("还有效吗？请确认：%(title)s"),
        _("这条信息有一段时间没有更新了。点开确认一下就继续展示；%(until)s 前没有确认会暂时隐藏，内容不会丢。"),
    ),
    "resource_asleep": Template(
        _("暂时隐藏了：%(title)s"),
        _("这条信息没有确认，已暂时隐藏，内容都在。打开确认后马上恢复展示。"),
    ),
    "resource_expired": Template(
        _("已到期：%(title)s"),
        _("这条信息到了您填的有效期，不再展示。还需要的，可以照原样再发布一条。"),
    ),
}
"""About resources and whom they meet."""
NOTICES |= {
    "helper_named": Template(
        _("您的点对点专人：%(who)s"),
        _("%(firm)s的“%(subject)s”从今天起由%(who)s点对点帮办，有事可以直接向 TA 提。"),
    ),
    "helper_ended": Template(
        _("%(who)s不再是您的点对点专人"),
        _("%(firm)s的“%(subject)s”暂时没有专人，提的诉求照常分派，不会耽误。"),
    ),
    "staff_named_for": Template(
        _("请您点对点帮办：%(firm)s"),
        _("您是这家企业“%(subject)s”的专人，它的诉求先到您这里。"),
    ),
    "staff_named_for_many": Template(
        _("请您点对点帮办 %(count)s 家企业"),
        _("您是这些企业“%(subject)s”的专人，它们的诉求先到您这里。"),
    ),
    "staff_team_joined": Template(
        _("您加入了%(team)s"),
        _("岗位：%(role)s。交给专班的诉求会到您的待办里。"),
    ),
    "staff_team_left": Template(
        _("您不再属于%(team)s"),
        _("岗位：%(role)s。手上没有办完的，请移交给专班的同事。"),
    ),
}

NOTICES |= {
    "post_accepted": Template(
        _("您的值守报名通过了"),
        _("排了班会通知您。能来的时间有变化，打开链接就能改。"),
    ),
    "tube_positive": Template(
        _("混采阳性，请立即通知单人单管复核"),
        _("采样管 %(tube)s 检出阳性，您的网格有 %(count)s 人在管内，请在 %(due)s 前逐人单采复核，以单采结果为准。"),
    ),
    "tube_unclear": Template(
        _("采样管结果待复核，请通知单采"),
        _("采样管 %(tube)s 结果待复核，您的网格有 %(count)s 人在管内，请在 %(due)s 前逐人单采复核。"),
    ),
    "tube_invalid": Template(
        _("采样管无效，请通知重采"),
        _("采样管 %(tube)s 检测无效，您的网格有 %(count)s 人在管内，请在 %(due)s 前逐人重采。"),
    ),
    "post_shifts": Template(
        _("您有 %(count)s 个值守班次"),
        _("第一个班：%(first)s，%(post)s。打开链接可以看到全部，到岗时在这里签到；来不了的，可以请人换班。"),
    ),
    "post_shift_given": Template(
        _("给您加了一个班：%(post)s"),
        _("%(from)s，%(place)s。来不了的，请尽快打开链接请人换班，或者联系岗位负责人。"),
    ),
    "post_shift_taken": Template(
        _("您的一个班取消了：%(post)s"),
        _("%(from)s 的班不用来了。原因：%(reason)s"),
    ),
    "post_gap": Template(
        _("值守缺人：%(post)s"),
        _("%(from)s 开始的班还缺 %(missing)s 人，请尽快安排。"),
    ),
    "post_gap_skill": Template(
        _("值守缺技能：%(post)s"),
        _("%(from)s 开始的班没有会“%(skills)s”的人，请尽快调整。"),
    ),
    "post_missed": Template(
        _("没有到岗：%(who)s"),
        _("%(post)s %(from)s 的班没有签到，电话 %(phone)s。请联系本人，或者安排人顶班。"),
    ),
    "defects_found": Template(
        _("检查发现问题，请整改：%(what)s"),
        _("共 %(count)s 项，最早的请在 %(due)s 前改好，改好后拍照填报。"),
    ),
    "defect_reminder": Template(
        _("整改快到期了：%(what)s"),
        _("请在 %(due)s 前改好，拍照填报。"),
    ),
    "defect_returned": Template(
        _("复查没有通过：%(what)s"),
        _("%(reason)s。请在 %(due)s 前改好，重新拍照填报。"),
    ),
    "defect_late": Template(
        _("整改逾期：%(what)s"),
        _("期限是 %(due)s。请马上改好，拍照填报。"),
    ),
    "staff_defect_late": Template(
        _("整改逾期：%(what)s"),
        _("期限是 %(due)s，场所还没有报整改情况，请督促。"),
    ),
    "defect_put_right": Template(
        _("整改好了，请复查：%(what)s"),
        _("场所报了整改情况，附有照片。"),
    ),
    "post_swap_asked": Template(
        _("%(who)s想请您换班"),
        _("%(post)s %(from)s 的班。打开链接，同意或者不同意都请答复。"),
    ),
    "inspection_to_sign": Template(
        _("请您签字：%(site)s的检查"),
        _("%(who)s已经填好签字。请核对后签字，或者写明理由退回。"),
    ),
    "inspection_sent_back": Template(
        _("检查表退回：%(site)s"),
        _("%(who)s没有签字，理由：%(reason)s。请改好后再签字。"),
    ),
    "post_swap_lead": Template(
        _("换班请您决定：%(post)s"),
        _("%(from)s 的班，双方已经同意，但是%(rules)s。"),
    ),
    "post_swap_done": Template(
        _("换班好了：%(post)s"),
        _("%(from)s 的班由%(who)s来上。"),
    ),
    "post_swap_refused": Template(
        _("换班没有成：%(post)s"),
        _("%(from)s 的班还是由原来的人上。来不了的，请再找人，或者联系岗位负责人。"),
    ),
}
"""About duty posts."""
NOTICES |= {
    "leaflet": Template(
        _("%(kind)s：%(title)s"),
        _("请在 %(due)s 前打开链接阅读《%(title)s》并确认，不用登录。链接只给您本人，请不要转发。"),
    ),
    "leaflet_reminder": Template(
        _("请阅读：%(title)s"),
        _("《%(title)s》还等您阅读并确认，%(due)s 前请打开链接，不用登录。"),
    ),
    "site_leaflet": Template(
        _("请场所负责人签收：%(title)s"),
        _("%(site)s：请在 %(due)s 前打开链接阅读《%(title)s》并签收，不用登录。链接只给负责人，请不要转发。"),
    ),
    "site_leaflet_reminder": Template(
        _("还没有签收：%(title)s"),
        _("%(site)s还没有签收《%(title)s》，请在 %(due)s 前打开链接，不用登录。"),
    ),
    "staff_leaflet_doors": Template(
        _("请上门送达：%(title)s"),
        _("%(area)s有 %(count)s 人收不到链接，请在 %(due)s 前上门送达并签收。"),
    ),
    "staff_leaflet_silent": Template(
        _("到期没有签收：%(title)s"),
        _("%(area)s有 %(count)s 人到期没有阅读签收，名单在链接里。"),
    ),
    "staff_site_leaflet_doors": Template(
        _("请上门送达：%(title)s"),
        _("%(area)s有 %(count)s 个场所收不到链接，请在 %(due)s 前上门送达并签收。"),
    ),
    "staff_site_leaflet_silent": Template(
        _("到期没有签收：%(title)s"),
        _("%(area)s有 %(count)s 个场所到期没有签收，名单在链接里。"),
    ),
}
"""About leaflets to people and sites."""
NOTICES |= {
    "sealed_run_due": Template(
        _("快到时间了，请确认：%(what)s"),
        _("%(area)s还有 %(count)s 个收发点没有确认，请在 %(due)s 前送到，由接收人确认。"),
    ),
    "sealed_run_late": Template(
        _("过了时间没有确认：%(what)s"),
        _("%(area)s有 %(count)s 个收发点到 %(due)s 没有确认。请马上联系社区说明。"),
    ),
    "staff_sealed_run_late": Template(
        _("承运单位没有按时确认：%(what)s"),
        _("%(area)s有 %(count)s 个收发点到 %(due)s 没有确认，请联系承运单位，另行安排。"),
    ),
}
"""About the runs of sealed areas."""


ENDS = frozenset({"due", "until"})
"""Until when something is wanted: the end of a day is its own 24:00, as people say it and as pages show it."""


def title(template: str, context: Mapping[str, Any]) -> str:
    """The title in the active language."""
    return str(NOTICES[template].title) % _shown(context)


def text(template: str, context: Mapping[str, Any]) -> str:
    """The text in the active language."""
    return str(NOTICES[template].text) % _shown(context)


def _shown(context: Mapping[str, Any]) -> dict[str, str]:
    """The context in words: bilingual texts in the active language, moments in local form."""
    return {key: _word(value, ends=key in ENDS) for key, value in context.items()}


def _word(value: Any, *, ends: bool = False) -> str:
    if isinstance(value, dict) and "moment" in value:
        moment = timezone.localtime(datetime.fromisoformat(value["moment"]))
        if ends and moment.time() == time.min:
            before = formats.date_format(moment - timedelta(days=1), "SHORT_DATETIME_FORMAT")
            return before.replace("00:00", "24:00")
        return formats.date_format(moment, "SHORT_DATETIME_FORMAT")
    if isinstance(value, dict):
        english = (get_language() or "").startswith("en")
        return str((value.get("en") if english else "") or value.get("zh", ""))
    return "" if value is None else str(value)
