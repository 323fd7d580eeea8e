"""Who may enter the console: staff, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def staff_only(view: View) -> View:
    """Send the anonymous to sign in; refuse everybody signed in who is not staff."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_staff:
            raise PermissionDenied("The console is for administrators.")
        return view(request, *args, **kwargs)

    return guarded
