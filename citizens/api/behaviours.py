"""What data furnishers call: behaviours in bulk, exactly once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from citizens.actions.behaviours import Furnished, Observation, furnish, retract
from citizens.actions.looking import LONGEST_REASON
from citizens.models import Behaviour, Source
from citizens.models.behaviours import AMOUNT_LIMIT
from citizens.models.identifiers import LONGEST_IDENTIFIER, normal_form
from citizens.models.people import KEY_LENGTH
from sesame_site.kit.rest.fields import AtMost, Exactly, Moment, Number, Text
from sesame_site.kit.rest.scopes import HasScope

MOST_PER_CALL = 1000
TOKEN_ONLY: Any = [{"oauth2": ["behaviours:write"]}]


class ObservationSerializer(Exactly[Observation]):
    """One event."""

    citizen = Text(max_length=KEY_LENGTH, help_text="The citizen's key.")
    type = Text(
        max_length=KEY_LENGTH,
        help_text="The behaviour type's key, such as `bill_paid_on_time`, of a context your source may speak of.",
    )
    external_id = Text(
        max_length=LONGEST_IDENTIFIER,
        help_text="Your own identifier; sending it again adds nothing, "
        "however its capitals and separators are spelled.",
    )
    occurred_at = Moment(help_text="ISO 8601. Without a time zone it is read as UTC.")
    amount = Number(
        default=1.0,
        min_value=-AMOUNT_LIMIT,
        max_value=AMOUNT_LIMIT,
        help_text="In the behaviour type's unit. Below 0 it is refused, unless the type says that it makes sense, as "
        "`peer_rating` does; so is more than is plausible for one event of the type.",
    )


class BatchSerializer(Exactly[Any]):
    """Up to 1,000 events."""

    behaviours = AtMost(child=ObservationSerializer(), min_length=1, max_length=MOST_PER_CALL)


class RefusalSerializer(serializers.Serializer[Any]):
    """Why one event was not taken."""

    index = serializers.IntegerField(help_text="Its place in the batch, from 0.")
    field = serializers.CharField()
    reason = serializers.CharField()


class FurnishedSerializer(serializers.Serializer[Furnished]):
    """What became of a batch."""

    accepted = serializers.IntegerField(help_text="Taken now.")
    duplicates = serializers.IntegerField(help_text="Already there with the same content.")
    refused = RefusalSerializer(many=True)


class RetractionSerializer(Exactly[Any]):
    """Why a behaviour is taken back."""

    reason = Text(
        max_length=LONGEST_REASON,
        validators=[RegexValidator(r"^[^\x00]*[^\s\x00][^\x00]*$", gettext_lazy("Say why."))],
    )


class FurnisherView(APIView):
    """A call by the REST client of a source."""

    permission_classes = (HasScope,)
    required_scopes = ("behaviours:write",)

    def source(self, request: Request) -> Source:
        if getattr(request.auth, "user_id", None) is not None:
            raise PermissionDenied(
                _("A source furnishes with a token of its own (client credentials), not a person's.")
            )
        application = getattr(request.auth, "application", None)
        source = Source.objects.filter(application=application).first() if application else None
        if source is None:
            raise PermissionDenied(_("This client furnishes for no source. An administrator links it to one."))
        return source


class BehavioursView(FurnisherView):
    """Furnishes behaviours."""

    @extend_schema(
        operation_id="furnish_behaviours",
        auth=TOKEN_ONLY,
        request=BatchSerializer,
        responses={200: FurnishedSerializer},
        examples=[
            OpenApiExample(
                "One bill",
                value={
                    "behaviours": [
                        {
                            "citizen": "t-000001",
                            "type": "bill_paid_on_time",
                            "external_id": "invoice-2017-001",
                            "occurred_at": "2026-11-01T12:00:00Z",
                            "amount": 1,
                        }
                    ]
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Furnish behaviours of citizens who consented.

        What is right of a batch is taken, what is wrong is refused one by one, with the field and the reason; sending
        the same batch again adds nothing. An unknown citizen and one without consent are refused in the same words.
        """
        batch = BatchSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        observations = [
            Observation(row["citizen"], row["type"], row["external_id"], row["occurred_at"], row["amount"])
            for row in batch.validated_data["behaviours"]
        ]
        source = self.source(request)
        try:
            result = furnish(acting_user=None, source=source, observations=observations)
        except IntegrityError:
            # Somebody among them was deleted meanwhile, and is unknown by now.
            result = furnish(acting_user=None, source=source, observations=observations)
        return Response(FurnishedSerializer(result).data)


class RetractionView(FurnisherView):
    """Takes a behaviour back."""

    @extend_schema(
        operation_id="retract_behaviour", auth=TOKEN_ONLY, request=RetractionSerializer, responses={204: None}
    )
    def post(self, request: Request, external_id: str) -> Response:
        """Retract a behaviour of your own.

        It counts no longer, and scores follow within seconds; retracting it again changes nothing.
        """
        source = self.source(request)
        body = RetractionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        behaviour = None
        if "\0" not in external_id:
            behaviour = Behaviour.objects.filter(source=source, external_key=normal_form(external_id)).first()
        if behaviour is None:
            raise NotFound(_("You have furnished no behaviour with this external id."))
        if not behaviour.is_retracted:
            try:
                retract(acting_user=None, behaviour=behaviour, reason=body.validated_data["reason"])
            except ValidationError:
                # Another call may have retracted it a moment ago.
                behaviour.refresh_from_db()
                if not behaviour.is_retracted:
                    raise
        return Response(status=status.HTTP_204_NO_CONTENT)
