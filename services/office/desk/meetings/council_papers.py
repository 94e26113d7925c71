"""Council papers: drafted, written part by part, co-signed, issued, decided item by item, corrected, superseded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.office.desk.forms.form import Body, Field, Form, Typed, named_by, one, short_name
from services.office.desk.forms.placed import of
from services.office.desk.forms.reading import Mistyped, day, lines, own_slug
from services.office.desk.paper import typed_day
from shared.contracts.german import WORDS
from shared.contracts.meetings import Purpose
from shared.declarations.projection import Document

PAPER = Field("paper", "Vorlage", "fixed")
COMMITTEE, ON = Field("committee", "Ausschuss"), Field("on", "Am", "day")
DEPARTMENT = Field("department", "Stelle", "choice")
KINDS = (("decision", "Beschlussvorlage"), ("information", "Mitteilungsvorlage"))
DECISIONS = tuple((one, WORDS[one]) for one in ("adopted", "rejected", "postponed", "noted"))
ITEM_DECISIONS = tuple((one, WORDS[one]) for one in ("adopted", "amended", "rejected", "postponed"))
PURPOSES: dict[str, Purpose] = {
    "Beschlussfassung": "decision",
    "Vorberatung": "preliminary",
    "Kenntnisnahme": "information",
}
SITTINGS = {"öffentlich": True, "nicht öffentlich": False}
STEP = "Sozial- und Gesundheitsausschuss; Beschlussfassung; öffentlich; 25.09.2023"
EXPECTED_STEP = f"Erwartet wird je Zeile: Gremium; Zweck; Sitzungsart; Termin. Zum Beispiel: {STEP}."
PATH = "text.consultations"
EMPTY_LINES = re.compile(r"\n\s*\n")


def _part(name: str, label: str, kind: str = "line", hint: str = "", *, required: bool = False) -> Field:
    return Field(f"text.{name}", label, kind, hint, required, is_read=True)  # type: ignore[arg-type]  # one of Kind


LINES, PROSE = ("file_sign",), ("climate", "finances")
BLOCKS, LISTS = ("motion", "reasons"), ("pending", "settled", "annexes", "recommendations")
TEXT = (
    _part("originator", "Vorgelegt von", required=True),
    _part("file_sign", "Geschäftszeichen"),
    _part("dated", "Datum der Vorlage", "day", required=True),
    _part("consultations", "Beratungsfolge", "area", f"Eine Zeile je Gremium, zum Beispiel: {STEP}", required=True),
    _part("motion", "Beschlussantrag", "area", "Nummern mit Leerzeile dazwischen; bei Mitteilungsvorlagen leer."),
    _part(
        "reasons",
        "Begründung",
        "area",
        "Absätze mit Leerzeile dazwischen, ohne Namen.",
        required=True,
    ),
    _part("climate", "Klimarelevanz", "area"),
    _part("finances", "Finanzielle Auswirkungen", "area"),
    _part("pending", "Vorliegende Anfragen und Anträge", "area", "Eine Zeile für jede."),
    _part("settled", "Erledigte Anfragen und Anträge", "area", "Eine Zeile für jede."),
    _part("annexes", "Anlagen", "area", "Eine Zeile für jede."),
    _part("recommendations", "Empfehlungen", "area", "Kurznamen derer, die vorgelegt werden; einer je Zeile."),
    _part("signed_as", "Unterzeichnet als", hint="Das Amt, nie ein Name, zum Beispiel Bürgermeisterin.", required=True),
)


def _text(typed: Typed) -> Body:
    """Empty fields are left out; the service says which of them are required."""
    said = {name: one(typed, f"text.{name}") for name in ("originator", *LINES, *PROSE, "signed_as")}
    told: Body = {name: text for name, text in said.items() if text}
    told |= {name: _blocks(one(typed, f"text.{name}")) for name in BLOCKS}
    told |= {name: lines(one(typed, f"text.{name}")) for name in LISTS}
    told["consultations"] = [_step(line) for line in lines(one(typed, PATH))]
    return {"text": told | _dated(typed)}


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in EMPTY_LINES.split(text) if block.strip()]


def _dated(typed: Typed) -> Body:
    try:
        return {"dated": day(text).isoformat()} if (text := one(typed, "text.dated")) else {}
    except Mistyped as fault:
        raise Mistyped(str(fault), "text.dated") from None


def _step(line: str) -> Body:
    """The committee is what stands before the last three: a name may contain semicolons."""
    parts = [part.strip() for part in line.rsplit(";", 3)]
    try:
        committee, purpose, sitting, on = parts
        told = {"purpose": PURPOSES[purpose], "public": SITTINGS[sitting], "on": day(on).isoformat()}
    except (KeyError, ValueError):
        raise Mistyped(EXPECTED_STEP, PATH) from None
    return {"committee": committee, **told}


def typed(paper: Document) -> Mapping[str, str]:
    """A paper's text in the form in which it is typed, where an empty line ends an item.

    Within an item it is left out, as documents do: one item stays one.
    """
    text = paper.get("text")
    if not text:
        return {}
    plain = {name: text.get(name) or "" for name in ("originator", *LINES, *PROSE, "signed_as")}
    listed = {name: "\n".join(text[name]) for name in LISTS} | {
        name: "\n\n".join(map(_one_block, text[name])) for name in BLOCKS
    }
    path = "\n".join(_typed_step(step) for step in text["consultations"])
    told = {**plain, **listed, "dated": typed_day(text["dated"]), "consultations": path}
    return {f"text.{name}": value for name, value in told.items()}


def _one_block(text: str) -> str:
    return EMPTY_LINES.sub("\n", text).strip()


def _typed_step(step: Document) -> str:
    purpose = next(word for word, purpose in PURPOSES.items() if purpose == step["purpose"])
    sitting = next(word for word, is_public in SITTINGS.items() if is_public == step["public"])
    return "; ".join((step["committee"], purpose, sitting, typed_day(step["on"])))


def committee(paper: Document) -> str:
    """The next committee: the first on the path that has not decided."""
    path: Sequence[str] = [step["committee"] for step in (paper.get("text") or {"consultations": []})["consultations"]]
    said = {one["committee"] for one in paper["decisions"] if one["decision"] != "postponed"}
    return next((name for name in path if name not in said), "")


def decided(paper: Document) -> Document:
    """By committee its last decision on the paper; for a part of the items also which ones."""
    items: dict[str, list[int]] = {}
    for said in paper["items"]:
        items.setdefault(said["committee"], []).append(said["item"])
    by_item = {name: {"items": sorted(numbers)} for name, numbers in items.items()}
    return {"": {}, **by_item, **{one["committee"]: of(one, "on", "decision") for one in paper["decisions"]}}


def decided_items(paper: Document) -> Document:
    return {"": {}, **{f"{one['committee']}|{one['item']}": of(one, "on", "decision") for one in paper["items"]}}


def _department(typed: Typed) -> Body:
    return {"department": own_slug(one(typed, "department"))}


DRAFT = Form(
    "meetings",
    "DraftPaper",
    "Vorlage entwerfen",
    "Vorlage aufnehmen",
    "Die Vorlage ist aufgenommen.",
    (
        Field("reference", "Nummer", hint="Zum Beispiel GRDrs 905/2023"),
        Field("title", "Titel"),
        Field("kind", "Art", "choice", choices=KINDS),
        short_name("paper", "der Nummer"),
    ),
    at=dict.fromkeys(("PaperDraftedDifferently", "PaperIsSuperseded"), "paper"),
    read=named_by("paper", "reference"),
)
WRITE = Form(
    "meetings",
    "WritePaper",
    "Wortlaut schreiben",
    "Wortlaut speichern",
    "Der Wortlaut ist gespeichert. Wer schon mitgezeichnet hatte, ist noch einmal angefragt.",
    (PAPER, *TEXT),
    at={
        "MotionMissing": "text.motion",
        "MotionOfInformation": "text.motion",
        "CommitteeTwiceOnPath": PATH,
        "InformationPaperIsNotDecided": PATH,
        "RecommendationUnknown": "text.recommendations",
        "RecommendationIsOver": "text.recommendations",
    },
    read=_text,
)
CORRECT = Form(
    "meetings",
    "CorrectPaper",
    "Vorlage berichtigen",
    "Berichtigen",
    "Die Vorlage ist berichtigt.",
    (PAPER, *TEXT, Field("reason", "Grund der Berichtigung")),
    at={**WRITE.at, "MotionIsIssued": "text.motion"},
    read=_text,
)
SUPERSEDE = Form(
    "meetings",
    "SupersedePaper",
    "Durch eine andere Vorlage ersetzen",
    "Ersetzen",
    "Die Vorlage ist ersetzt.",
    (PAPER, Field("successor", "Neue Vorlage", "choice"), Field("reason", "Grund")),
)
ISSUE = Form(
    "meetings",
    "IssuePaper",
    "Vorlage ausgeben",
    "Ausgeben",
    "Die Vorlage ist ausgegeben.",
    (PAPER, ON),
    at={"IssueLiesAhead": "on"},
)
DECIDE = Form(
    "meetings",
    "RecordCommitteeDecision",
    "Entscheidung festhalten",
    "Entscheidung festhalten",
    "Die Entscheidung ist festgehalten.",
    (PAPER, COMMITTEE, ON, Field("decision", "Entscheidung", "choice", choices=DECISIONS)),
    at={
        **dict.fromkeys(("DecidedBeforeIssued", "DecidedBeforePostponed", "DecisionLiesAhead"), "on"),
        "CommitteeNotOnPath": "committee",
        "OutcomeNotOfPurpose": "decision",
    },
    seen_by=("committee",),
)
DECIDE_ITEM = Form(
    "meetings",
    "RecordItemDecision",
    "Entscheidung über eine Nummer festhalten",
    "Festhalten",
    "Die Entscheidung ist festgehalten.",
    (
        PAPER,
        COMMITTEE,
        ON,
        Field("item", "Nummer des Beschlussantrags", "number"),
        Field("decision", "Entscheidung", "choice", choices=ITEM_DECISIONS),
        Field("wording", "Geänderter Wortlaut", "area", required=False),
    ),
    at={**DECIDE.at, "MotionItemUnknown": "item", "MotionItemIsDecided": "item", "AmendedWithoutWording": "wording"},
    seen_by=("committee", "item"),
)
REQUEST = Form(
    "meetings",
    "RequestCoSignature",
    "Um Mitzeichnung bitten",
    "Um Mitzeichnung bitten",
    "Um Mitzeichnung ist gebeten.",
    (
        PAPER,
        Field("department", "Stelle", hint="Kürzel, zum Beispiel AKR"),
        Field("due_on", "Bis", "day", required=False),
    ),
    read=_department,
)
COSIGN = Form(
    "meetings",
    "CoSign",
    "Mitzeichnung festhalten",
    "Mitgezeichnet",
    "Die Mitzeichnung ist festgehalten.",
    (
        PAPER,
        DEPARTMENT,
        Field("note", "Hinweis", required=False),
        Field("statement", "Hinweis im Wortlaut", "area", "Wenn er länger als eine Zeile ist.", required=False),
    ),
    at={"CoSignatureNotRequested": "department"},
)
REFUSE = Form(
    "meetings",
    "RefuseCoSignature",
    "Mitzeichnung verweigert",
    "Verweigert",
    "Die Verweigerung ist festgehalten.",
    (PAPER, DEPARTMENT, Field("reason", "Begründung", required=False)),
    at={"CoSignatureNotRequested": "department"},
)
FORMS = (DRAFT, WRITE, ISSUE, DECIDE, DECIDE_ITEM, REQUEST, COSIGN, REFUSE, CORRECT, SUPERSEDE)
