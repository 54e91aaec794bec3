"""What is kept of people apart from the records of an event: those who work in it, and whom to ask at a place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Measure

HOLDS = [
    Holds(
        "prevention.Site",
        _("场所的联系人和电话"),
        _("出了情况找得到负责的人"),
        Basis.OFFICE,
        Expiry.STAYS,
        _("改掉或者关闭场所时更换；导出要指定的人写明用途"),
    ),
    Holds(
        "prevention.Exporter",
        _("谁可以导出名单，到哪天"),
        _("名单从谁手里出去查得到"),
        Basis.OFFICE,
        Expiry.LEAVES,
        _("到期或者收回就失效，记录留作核查"),
    ),
    Holds(
        "prevention.Phone",
        _("谁的手机浏览器在现场登记"),
        _("丢了手机可以停用"),
        Basis.OFFICE,
        Expiry.LEAVES,
        _("停用后不能再登记；名单加密存在手机上，当天过期"),
    ),
    Holds(
        "prevention.Inspection",
        _("哪两个人检查了哪个场所"),
        _("检查由谁做的查得到"),
        Basis.OFFICE,
        Expiry.STAYS,
        _("执法记录，不随防控清除"),
        Measure.VENUES,
    ),
    Holds(
        "prevention.Draw",
        _("抽签的检查人员（公开的名单上隐去）"),
        _("抽签事后可以验证"),
        Basis.OFFICE,
        Expiry.STAYS,
        _("执法记录，不随防控清除"),
        Measure.VENUES,
    ),
]
