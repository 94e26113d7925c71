"""German words, for clerks and operators, for what events say by a fixed word. Their sentences are in their classes."""

from collections.abc import Mapping

RECORDED, ERASED = "Die Angaben zu {person} sind erfasst.", "{person} ist gelöscht."

SESSION_KINDS: Mapping[str, str] = {
    "plenary": "Plenum",
    "working_group": "Arbeitsgruppe",
    "workshop": "Workshop",
}

WAYS_OF_AWARD: Mapping[str, str] = {
    "direct_order": "Direktauftrag",
    "negotiated": "Verhandlungsvergabe ohne Teilnahmewettbewerb",
    "negotiated_after_competition": "Verhandlungsvergabe mit Teilnahmewettbewerb",
    "restricted": "Beschränkte Ausschreibung ohne Teilnahmewettbewerb",
    "restricted_after_competition": "Beschränkte Ausschreibung mit Teilnahmewettbewerb",
    "public": "Öffentliche Ausschreibung",
    "framework_call": "Abruf aus einer Rahmenvereinbarung",
    "other": "andere, siehe Begründung",
}
"""Of contracts, by the words of the UVgO."""

WORDS = {
    "consensus": "im Konsens",
    "majority": "mit Mehrheit",
    "accept": "Zusage",
    "decline": "Absage",
    "deputy": "Vertretung kommt",
    "resigned": "zurückgetreten",
    "recalled": "abberufen",
    "post_ended": "Amt beendet",
    "deceased": "verstorben",
    "erased": "gelöscht",
    "other": "anderer Grund",
    "not_filled": "nicht besetzt",
    "not_entitled": "nicht vorschlagsberechtigt",
    "form_missing": "Unterlagen fehlen",
    "seat_filled": "Sitz vergeben",
    "adopted": "beschlossen",
    "amended": "geändert beschlossen",
    "rejected": "abgelehnt",
    "postponed": "vertagt",
    "noted": "zur Kenntnis genommen",
    "considered": "berücksichtigt",
    "partly": "teilweise berücksichtigt",
    "not": "nicht berücksichtigt",
    "unreachable": "Mailserver nicht erreichbar",
    "busy": "Mailserver ausgelastet",
    "server_refused": "Mailserver lehnt uns ab",
    "tls_unavailable": "keine verschlüsselte Verbindung",
    "login_refused": "Anmeldung abgelehnt",
    "timed_out": "keine Antwort",
    "try_later": "später noch einmal",
    "mailbox_full": "Postfach voll",
    "refused_us": "Mailserver lehnt uns ab",
    "content_refused": "Inhalt abgelehnt",
    "expired": "zu spät",
    "render_failed": "nicht zu schreiben",
    "no_contact": "keine Anschrift",
    "unanswered": "Ausgang unbekannt",
    "gave_up": "aufgegeben",
    "withdrawn": "zurückgezogen",
    "superseded": "durch ein neueres ersetzt",
    "told_otherwise": "anders mitgeteilt",
    "never_told": "nie eingeladen",
    "other_address": "eine andere Adresse ist bekannt",
    "by_office": "Freigabe durch die Geschäftsstelle",
    "welcome": "Willkommen",
    "invitation": "Einladung",
    "update": "Neuer Termin",
    "cancellation": "Absage",
    "withdrawal": "Einladung zurückgenommen",
    "supplement": "Ergänzte Tagesordnung",
    "reminder": "Erinnerung",
    "farewell": "Abschied",
    "contact": "Neue Kontaktdaten",
    "answers": "Antworten fehlen",
    "digest": "Was offen ist",
    "minutes": "Niederschrift",
    "letter": "Brief",
}
"""What an event says by a fixed word."""
