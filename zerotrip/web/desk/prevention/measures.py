"""The doors a measure opens on the page of prevention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip.prevention.models import Measure

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Door:
    """A page of a measure: whose address, what it is called, what is done there."""

    measure: Measure | None
    """None: any."""
    address: str
    title: StrPromise
    about: StrPromise


DOORS: tuple[Door, ...] = (
    Door(
        None,
        "desk-picture",
        _("今日一图"),
        _("一个区域一块板：应做、已做、漏做，按措施、按网格，看到名字，每分钟更新。"),
    ),
    Door(
        None,
        "desk-duties",
        _("每日要求"),
        _("谁要报、谁报了、谁没报：每日核查、消杀、通风、清洁，按区域一级级看到名字。"),
    ),
    Door(
        None,
        "field",
        _("手机现场登记"),
        _("没有网络也能登记：带上今天的资料，连上网络后自动提交，没收下的逐条说明。"),
    ),
    Door(None, "desk-rosters", _("名册"), _("居民、员工、宿舍和工地人员：谁在册，谁不用查，为什么。")),
    Door(
        Measure.SCREENING,
        "desk-testing",
        _("筛查轮次"),
        _("打开和结束一轮，没来的人一个个联系到，采样点、排队和定时统计。"),
    ),
    Door(
        Measure.SCREENING,
        "desk-screening",
        _("核酸采样"),
        _("扫人、扫管、封管、装箱、签收、结果：每支管在哪里，谁要复核。"),
    ),
    Door(None, "desk-sites", pgettext_lazy("多个", "场所"), _("商场、餐饮、九小场所、工地、宿舍、卡口、采样点。")),
    Door(
        Measure.VENUES,
        "desk-venues",
        _("场所扫码和门口查验"),
        _("每个场所每小时进了多少人、劝返多少人；查一个人去过哪里、当时谁也在。"),
    ),
    Door(
        Measure.VENUES,
        "desk-inspections",
        _("场所检查"),
        _("双随机抽取、现场检查打分，发现的问题限期整改、拍照、复查。"),
    ),
    Door(
        Measure.GATES,
        "desk-gates",
        _("卡口登记"),
        _("车辆和货物进出登记、健康检查、消杀，拦截名单。"),
    ),
    Door(
        Measure.POSTS,
        "desk-posts",
        _("值班值守"),
        _("设岗、排班、换班，签到签退，缺人提前一天提醒。"),
    ),
    Door(
        Measure.SUPPLIES,
        "desk-sealed",
        _("封控区"),
        _("封控、延长、解封；送餐、清运、送药谁做了谁漏了，住户要什么。"),
    ),
    Door(
        Measure.COLD_CHAIN,
        "desk-goods",
        _("冷链追溯"),
        _("每批冷链食品从到货到卖出、用掉，来龙去脉几秒查清，缺什么说清楚。"),
    ),
    Door(
        Measure.SUPPLIES,
        "desk-supplies",
        _("物资和申请"),
        _("防护物资、餐食和生活物资的库存、申请和配送，不足的排在前面。"),
    ),
    Door(
        None,
        "desk-surveys",
        _("逐一摸排"),
        _("逐一摸排每家企业的人和困难，每家有人去，没报的一个个列出来。"),
    ),
    Door(
        None,
        "desk-leaflets",
        _("明白纸、倡议书"),
        _("发给名册上的人或场所：有手机的收链接，收不到的上门，没签收的到期列出名单。"),
    ),
)


def doors(measures: Mapping[str, bool]) -> list[Door]:
    """Those that are open, given what reaches somebody."""
    if not measures:
        return []
    return [door for door in DOORS if door.measure is None or door.measure in measures]
