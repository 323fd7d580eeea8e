"""The tables of a draft: which rows count, and what rows refuse together."""

from collections.abc import Iterator

from django import forms
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from scoring.console.forms.parts import BandForm, DimensionForm, RuleForm
from scoring.rules.limits import band_problems
from sesame_site.kit.pages.seen import INCOMPLETE


class LiveFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """A formset that knows which of its rows count: not removed, not left empty.

    A row is removed by its own box. A table that arrives with fewer rows than the page had is refused.
    """

    def clean(self) -> None:
        sent = self.management_form.cleaned_data
        there = len(self.initial or [])
        if sent[INITIAL_FORM_COUNT] != there or (sent[TOTAL_FORM_COUNT] or 0) < there:
            raise forms.ValidationError(INCOMPLETE)

    def live(self) -> Iterator[forms.Form]:
        for position, form in enumerate(self.forms):
            left_empty = position >= self.initial_form_count() and not form.has_changed()
            if not left_empty and not (self.can_delete and self._should_delete_form(form)):  # type: ignore[attr-defined]
                yield form

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove")


class BaseRuleFormSet(LiveFormSet):
    def clean(self) -> None:
        """Refuse a second rule for a behaviour type, at the second."""
        super().clean()
        seen: set[str] = set()
        for form in self.live():
            key = form.cleaned_data.get("behaviour_type")
            if key in seen:
                form.add_error("behaviour_type", _("This behaviour type already has a rule."))
            elif key:
                seen.add(key)


class BaseBandFormSet(LiveFormSet):
    def clean(self) -> None:
        """Refuse bands that overlap or leave a gap, at the edge that does."""
        super().clean()
        forms_ = [form for form in self.live() if form.cleaned_data.get("lower") is not None]
        for position, reason in band_problems([form.cleaned_data["lower"] for form in forms_]).items():
            if position is not None:
                forms_[position].add_error("lower", reason)
            elif not any(form.errors for form in self.forms):
                raise forms.ValidationError(reason)
        names: set[str] = set()
        for form in forms_:
            name = slugify(form.cleaned_data.get("name", ""))
            if name and name in names:
                form.add_error("name", _("There is already a band of this name."))
            names.add(name)


DimensionFormSet = forms.formset_factory(DimensionForm, formset=LiveFormSet, extra=0, max_num=100)
RuleFormSet = forms.formset_factory(
    RuleForm, formset=BaseRuleFormSet, extra=2, can_delete=True, max_num=500, absolute_max=600
)
BandFormSet = forms.formset_factory(
    BandForm, formset=BaseBandFormSet, extra=1, can_delete=True, max_num=50, absolute_max=60
)
