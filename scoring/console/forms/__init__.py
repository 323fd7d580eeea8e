"""The forms about rule sets: naming a draft, giving a reason, and editing all weights of a draft."""

from scoring.console.forms.asking import NewDraftForm, ReasonForm
from scoring.console.forms.draft import DraftForms

__all__ = ["DraftForms", "NewDraftForm", "ReasonForm"]
