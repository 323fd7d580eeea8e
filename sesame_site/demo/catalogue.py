"""The demo's perks and restrictions, modelled on what was reported of Sesame Credit."""

from perks.models import Perk, Restriction

REPORTED = "Modelled on press reports; unofficial."
PREMISE = "The essay's premise; no real programme is described."

PERKS = (
    ("city_bike", 600, "City bike without a deposit", "Take a city bike without leaving a deposit.", REPORTED),
    ("car_rental", 650, "Rental car without a deposit", "Rent a car without leaving a deposit.", REPORTED),
    (
        "job_pre_check",
        660,
        "Public-sector job pre-check",
        "Applications to public employers skip the first check.",
        PREMISE,
    ),
    ("housing_list", 680, "Housing priority list", "Move up the list for municipal flats.", PREMISE),
    ("visa_singapore", 700, "Lighter visa papers: Singapore", "Apply with fewer documents.", REPORTED),
    ("visa_luxembourg", 750, "Lighter visa papers: Luxembourg", "Apply with fewer documents.", REPORTED),
)
RESTRICTIONS = (
    ("no_loan", 500, "No loan without a guarantor", "A loan needs somebody who answers for you.", PREMISE),
    ("no_fast_train", 550, "No first class on fast trains", "First-class seats cannot be booked.", PREMISE),
)


def create() -> None:
    """Makes what is missing; thresholds that an administrator moved stay."""
    for key, opens_at, name, description, note in PERKS:
        values = {"opens_at": opens_at, "name": name, "description": description, "note": note}
        Perk.objects.get_or_create(key=key, defaults=values)
    for key, closes_below, name, description, note in RESTRICTIONS:
        values = {"closes_below": closes_below, "name": name, "description": description, "note": note}
        Restriction.objects.get_or_create(key=key, defaults=values)
