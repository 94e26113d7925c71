"""The council paper GRDrs 905/2023 of the City of Stuttgart, in its own words; long passages are shortened."""

from __future__ import annotations

from datetime import date

from shared.contracts.meetings import Consultation, PaperText

REFERENCE = "GRDrs 905/2023"
TITLE = "Kommunale Pflegekonferenz 2.0 – Weiterentwicklung der Vernetzungsstrukturen"
NAME = "grdrs-905-2023"
COMMITTEE = "Sozial- und Gesundheitsausschuss"
DATED, SITTING = date(2023, 9, 13), date(2023, 9, 25)
MOTION = (
    (
        "Der Teilnahme des Sozialamts am Förderaufruf für die in die Kommunale Pflegekonferenz 2.0 integrierten "
        "Arbeitsgruppen im Zeitraum vom 01.11.2023 bis 31.12.2024 wird zugestimmt."
    ),
    (
        "Für die externe Begleitung der Arbeitsgruppen, das Workshopformat und Material werden Sach- bzw. "
        "Honorarmittel in Höhe von 40.000 EUR beantragt."
    ),
    (
        "Der erforderliche Eigenanteil von 20 % wird im Rahmen bestehender Stellenanteile der Abteilung Sozialplanung, "
        "Sozialberichterstattung und Förderung erbracht."
    ),
)
ODD = (
    "2 Vertreter*innen der Pflegeschulen und der praktischen Pflegausbildung",
    "2 Trägervertreter*in der quartiersbezogenen Treffpunkte für Ältere",
    "Bildung einer Arbeitsgruppe zur Strategieentwicklung; Themen dieser Arbeitsgruppen sind unter anderem Fachkräfte.",
)
"""As they stand there, with their slips."""
REASONS = (
    "Die Kommunale Pflegekonferenz 2.0 wird als dauerhafte Struktur etabliert.",
    *ODD,
    "Nach Beendigung des Förderzeitraums sind auf Basis fachlicher Einschätzungen neue Schwerpunktsetzungen möglich.",
)
CLIMATE = "Die Maßnahme hat keine Auswirkungen auf den Klimaschutz."
FINANCES = (
    "Die Kosten von rd. 40.000 EUR werden über den beantragten Landeszuschuss finanziert. "
    "Zusätzliche städtische Haushaltsmittel werden nicht benötigt."
)
ANNEX = (
    "Förderaufruf „Kommunale Pflegekonferenzen BW – Netzwerke für Menschen weiterentwickeln“ des Ministeriums für "
    "Soziales, Gesundheit und Integration Baden-Württemberg"
)
NOTE = (
    "Hinweis zur Koordinierungsstelle Pflegeberufe (Förderzeitraum endet 30.09.2023; Stellenplanantrag gestellt; kein "
    "Stellenschaffungskriterium erfüllt)"
)
TEXT = PaperText(
    originator="Referat Soziales und gesellschaftliche Integration",
    file_sign="SI",
    dated=DATED,
    consultations=(Consultation(committee=COMMITTEE, purpose="decision", public=True, on=SITTING),),
    motion=MOTION,
    reasons=REASONS,
    climate=CLIMATE,
    finances=FINANCES,
    annexes=(ANNEX,),
    signed_as="Bürgermeisterin",
)
