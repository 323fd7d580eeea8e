"""Addresses of the console's pages about people."""

from django.urls import path

from citizens.console import accounts, audit, citizens

urlpatterns = [
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/roles/<int:pk>/confirm/", accounts.role_confirm, name="role-confirm"),
    path("accounts/roles/<int:pk>/decline/", accounts.role_decline, name="role-decline"),
    path("audit/", audit.audit, name="audit"),
    path("citizens/", citizens.citizens, name="citizens"),
    path("citizens/new/", citizens.citizen_new, name="citizen-new"),
    path("citizens/<int:pk>/", citizens.citizen, name="citizen"),
    path("citizens/<int:pk>/unlink/", citizens.citizen_unlink, name="citizen-unlink"),
    path("citizens/<int:pk>/leave/", citizens.citizen_leave, name="citizen-leave"),
    path("citizens/<int:pk>/forget/", citizens.citizen_forget, name="citizen-forget"),
]
