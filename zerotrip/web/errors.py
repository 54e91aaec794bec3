"""Refusals and faults as pages: what happened, that nothing was lost, what next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext as _

from zerotrip.errors import Ended, Refusal, Stale
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


VISITORS_LIMIT = 2_621_440
"""Bytes of a request by somebody not signed in: visitors send no files."""
MACHINES = "/hooks/"
"""Where machines send to. What is there signs nobody in, and says itself, in its own form, how much it reads."""


WRITTEN = {"opinion", "reasons", "reason", "note", "view", "minutes"}
"""Controls in which people write at length."""


class RefusalMiddleware:
    """Turns what an action refused into a page with the right status; refuses what is too large unread."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if not request.path.startswith(MACHINES) and _length(request) > _limit(request):
            return too_large(request) if _brings_files(request) else too_long(request)
        # No database takes a NUL, and no page of ours leads to one.
        if "\0" in request.path:
            return missing(request)
        if "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return not_allowed(request, response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """Show a Refusal; leave every other exception to Django."""
        if not isinstance(exception, Refusal):
            return None
        kept = _typed(request, everything=isinstance(exception, Ended)) if isinstance(exception, Stale) else []
        gone = isinstance(exception, Ended)
        return page(request, exception.status, exception.message, kept=kept, to_case=not gone)


OF_THE_PAGE = {"csrfmiddlewaretoken", "edit", "window", "key", "submit", "leave", "record", "case"}
"""What a page sends by itself."""


def _typed(request: Request, *, everything: bool = False) -> list[str]:
    """What was written into a form whose step can no longer be taken, to be copied from the page."""
    return [
        text
        for name in request.POST
        if name in WRITTEN or name.startswith("message-") or (everything and name not in OF_THE_PAGE)
        if (text := request.POST.get(name, "").strip())
    ]


def _limit(request: Request) -> int:
    """Bytes a request may bring."""
    return settings.REQUEST_LIMIT if request.actor.user_id else VISITORS_LIMIT


def _length(request: Request) -> int:
    """Bytes the request says it brings."""
    written = request.META.get("CONTENT_LENGTH") or ""
    return int(written) if written.isascii() and written.isdigit() else 0


def _brings_files(request: Request) -> bool:
    """Whether the form is of the kind that can hold files."""
    return request.content_type == "multipart/form-data"


def page(
    request: Request,
    status: int,
    text: str,
    *,
    headline: str = "",
    kept: Sequence[str] = (),
    to_case: bool = True,
) -> HttpResponse:
    """The page of a refusal or fault, with what was typed if nothing came of it.

    ``headline``: what it is called, where that is not what its status is usually called.
    ``to_case``: with a way to the case as it now stands, where something else has happened to it.

    Requests of htmx get the reason in a header, to show in place.
    """
    titles = {
        400: _("请求有误"),
        403: _("您不能这样做"),
        404: _("没有找到"),
        405: _("不能这样打开"),
        409: _("情况已有变化"),
        413: _("文件太大"),
        415: _("文件类型不符"),
        422: _("内容需要修改"),
        429: _("操作太频繁"),
        500: _("系统出了问题"),
    }
    response = render(
        request,
        "web/error.html",
        {
            "status": status,
            "headline": headline or titles.get(status, _("请求有误")),
            "text": text,
            "kept": kept,
            "number": _case_number(request) if to_case and status == Stale.status else "",
        },
        status=status,
    )
    response["X-Reason"] = quote(text, safe=" ")
    return response


def _case_number(request: Request) -> str:
    """The number of the case the address speaks of, if it does."""
    match = request.resolver_match
    return str(match.kwargs.get("number", "")) if match else ""


def not_allowed(request: Request, response: HttpResponseNotAllowed) -> HttpResponse:
    """An address that is there, opened in a way it is not for: usually a form's, typed in."""
    shown = page(request, 405, _("这个地址不能直接打开，请从页面上的按钮进入。"))
    shown["Allow"] = response["Allow"]
    return shown


def bad_request(request: Request, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be read, or holds more than is read."""
    if isinstance(exception, RequestDataTooBig):
        return too_long(request)
    if isinstance(exception, TooManyFilesSent):
        return too_large(request)
    if isinstance(exception, TooManyFieldsSent):
        return too_many_fields(request)
    return page(request, 400, _("地址或内容不完整，请返回上一页重试。"))


def too_large(request: Request) -> HttpResponse:
    """More files than one form may bring, or larger ones."""
    return page(request, 413, _("一次传来的内容太多。请把文件分几次上传，单个文件不超过 20 MB。"))


def too_long(request: Request) -> HttpResponse:
    """More text than one form may bring: what was typed is still in the browser, and only there."""
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) / 1024 / 1024
    text = _(
        "表单里填写的文字太多，一次合计不超过 %(most).1f MB，这次没有保存。"
        "请用浏览器的“后退”回到刚才的页面，填写的内容还在，缩短后再提交；较长的内容可以另存为文件，作为材料上传。"
    )
    return page(request, 413, text % {"most": most}, headline=_("填写的内容太长"))


def too_many_fields(request: Request) -> HttpResponse:
    """More controls, or rows of a table, than one form may have."""
    text = _(
        "表单里的项目太多，一次最多 %(most)d 项，这次没有保存。"
        "请用浏览器的“后退”回到刚才的页面，填写的内容还在，减少行数或者勾选的项目，分几次提交；较长的清单可以另存为文件，作为材料上传。"
    )
    most = {"most": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0}
    return page(request, 413, text % most, headline=_("填写的项目太多"))


def denied(request: Request, exception: Exception) -> HttpResponse:
    """Something that needs another permission."""
    return page(request, 403, _("您没有这项权限。如需办理，请联系本部门管理员。"))


def forged(request: Request, reason: str = "") -> HttpResponse:
    """A form without its token: usually a page left open too long."""
    return page(request, 403, _("页面打开太久，已经失效。请返回上一页，刷新后再提交。"))


def too_many(request: HttpRequest) -> HttpResponse:
    """More attempts than a person makes."""
    return page(cast(Request, request), 429, _("尝试次数太多，请过几分钟再来。"))


def too_often(request: Request, *, seconds: int) -> HttpResponse:
    """A page that anybody may open, opened more often from one place than people do."""
    text = _("这个网络最近一分钟内打开得太频繁，请过 %(seconds)d 秒再试。") % {"seconds": seconds}
    shown = page(request, 429, text)
    shown["Retry-After"] = str(seconds)
    return shown


def missing(request: Request, exception: Exception | None = None) -> HttpResponse:
    """An address that leads nowhere."""
    return page(request, 404, _("这个地址没有内容，可能已移动或输入有误。"))


def failed(request: Request) -> HttpResponse:
    """A fault of ours."""
    return page(request, 500, _("这是我们的问题，已经记录。您已保存的内容不会丢失，请稍后再试。"))
