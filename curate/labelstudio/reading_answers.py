"""Raw answers read from their JSON text (pure).

Of tasks and annotations those keys are read that are asked for anywhere; whoever asks for another adds it here.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast

import msgspec

from curate.answers import Answer
from curate.labelstudio.pieces import Piece, as_result


class _BareAnnotation(TypedDict, total=False):
    id: Any
    completed_by: Any
    was_cancelled: Any
    created_at: Any
    updated_at: Any


class _BareData(TypedDict, total=False):
    article_id: Any
    text_sha256: Any
    message: Any
    shown: Any


class _BareAnswer(TypedDict, total=False):
    id: Any
    project: Any
    data: _BareData
    annotations: list[_BareAnnotation]


class _Annotation(_BareAnnotation, total=False):
    result: list[Piece]
    lead_time: Any
    updated_by: Any
    parent_annotation: Any
    parent_prediction: Any


class _Prediction(TypedDict, total=False):
    id: Any
    model_version: Any
    result: list[Piece]


class _Answer(TypedDict, total=False):
    id: Any
    project: Any
    data: Any
    annotations: list[_Annotation]
    predictions: list[_Prediction]
    updated_at: Any
    drafts_of: Any
    drafts: Any
    gone_tasks: Any
    marker: Any


_WHOLE = msgspec.json.Decoder(_Answer)
_BARE = msgspec.json.Decoder(_BareAnswer)
_ANYHOW = msgspec.json.Decoder(dict[str, Any])


def read_answer(line: bytes | msgspec.Raw) -> Answer:
    """Read a raw answer; what annotations and predictions hold in it is a ``Result`` each.

    Raises msgspec's errors for what is no JSON object.
    """
    try:
        answer = cast("Answer", _WHOLE.decode(line))
    except msgspec.ValidationError:
        answer = _ANYHOW.decode(line)
    for key in ("annotations", "predictions"):
        drawn = answer.get(key)
        for one in drawn if isinstance(drawn, list) else ():
            if isinstance(one, dict) and "result" in one:
                one["result"] = as_result(one["result"])
    return answer


def read_bare(line: bytes | msgspec.Raw) -> Answer:
    """Read a task without its text and what was drawn and suggested, which is nearly all of it.

    Raises as ``read_answer`` does.
    """
    try:
        return cast("Answer", _BARE.decode(line))
    except msgspec.ValidationError:
        return _ANYHOW.decode(line)
