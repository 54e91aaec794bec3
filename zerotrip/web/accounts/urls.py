"""Addresses of accounts: ours, and those of the library we show."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import include, path
from django.views.generic import RedirectView

from zerotrip.web.accounts import mandates, passwords, views
from zerotrip.web.accounts.codes import ConfirmCode

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/code/", ConfirmCode.as_view(), name="account_confirm_login_code"),
    path("sign-in/staff/", account.login, name="account_login"),
    path("sign-in/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/request/", RedirectView.as_view(pattern_name="sign-in"), name="account_request_login_code"),
    path("sign-up/", RedirectView.as_view(pattern_name="sign-in"), name="account_signup"),
    path("sign-in/inactive/", account.account_inactive, name="account_inactive"),
    path("sign-in/again/", account.reauthenticate, name="account_reauthenticate"),
    path("sign-in/again/second-factor/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("second-factor/", RedirectView.as_view(pattern_name="desk"), name="mfa_index"),
    path("second-factor/app/activate/", views.SetUpSecondFactor.as_view(), name="mfa_activate_totp"),
    path("second-factor/app/deactivate/", views.DropSecondFactor.as_view(), name="mfa_deactivate_totp"),
    path("second-factor/recovery/", include("allauth.mfa.recovery_codes.urls")),
    path("me/welcome/", views.welcome, name="welcome"),
    path("me/", views.profile, name="profile"),
    path("me/name/", views.rename, name="rename"),
    path("me/password/", passwords.change, name="password"),
    path("me/enterprises/", views.add_enterprise, name="enterprise-add"),
    path("me/enterprises/<uuid:enterprise_id>/place/", views.place_enterprise, name="enterprise-place"),
    path("me/enterprises/<uuid:enterprise_id>/agents/", views.add_agent, name="agent-add"),
    path("me/agents/<uuid:membership_id>/end/", views.remove_agent, name="agent-remove"),
    path("me/mandates/", mandates.index, name="mandates"),
    path("me/mandates/<uuid:mandate_id>/end/", mandates.end, name="mandate-end"),
    path("me/mandates/<uuid:mandate_id>/confirm/", mandates.confirm, name="mandate-confirm"),
    path("outbox/", views.outbox, name="outbox"),
]
