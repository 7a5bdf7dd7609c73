"""The signs by which pages tell what is not their article: names of classes, and the phrases that links begin with.

Pure: a string in, a verdict out. The languages are those of the pages that were read for it (English, German, Spanish,
French, Italian, Portuguese, Polish, Dutch); a phrase stands here only where no article would begin so.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
# Parts of class names; each begins a word ("caption", "img-caption", "photo_caption").
_ASIDE = re.compile(
    r"(?<![a-z])(?:newsletter|(?:photo|image|img|bild|foto)?-?copyright|credits?\b|related|recirc|promo\b|promobox"
    r"|popmake|pop-?up|modal|cookie|consent|disclaimer|linklist|link-?box|linkbox|more-about|breadcrumbs?"
    r"|author-?(?:bio|box|info)|about-?author|(?<![\w-])tags?(?![\w-])|tag-?(?:list|links|cloud)|social(?![a-z])|sharing"
    r"|share-?(?:bar|buttons?|links|this)|siguenos|subscribe|subscription|signup|sign-?up|recommend\w*|teaser-?list"
    r"|outbrain|taboola|sponsor\w*|footnav|pagination|pager|post-?nav|nav-?links|rating|bewertung|print-?only"
    r"|screen-?reader|sr-only|visually-?hidden)"
)
_CAPTION = re.compile(
    r"(?<![a-z])(?:wp-caption-text|(?:img|image|photo|picture|media|foto|bild|figure)[-_]*(?:caption|credits?|source"
    r"|quelle|unterschrift|info|legend|description)|(?<![\w-])caption(?:text)?(?![\w-])|bildunterschrift|unterschrift|legende"
    r"|bildnachweis)"
)
_LEAD = re.compile(
    r"teaser|intro|(?<![a-z])lead(?!er|ing|s\b)|lede|excerpt|abstract|description|stand-?first|chapo|summary"
    r"|sub-?title|sub-?head|(?<![a-z])de[ck]{1,2}(?![a-z])|vorspann|bajada|copete|sommario|occhiello|entradilla"
    r"|volanta|(?:article|entry|story|post|news|content)[-_]*header|untertitel|sapo|zajawka|synopsis"
)
_BYLINE = re.compile(r"by-?line|author|autor|verfasser|writer|redakteur|contributor|firma(?![a-z])|signature")
_DATE = re.compile(
    r"(?<![a-z])(?:date(?!n)|datum|datetime|time(?![a-z])|timestamp|publish|posted|fecha|veroeffentlicht|updated)"
)
_LINK_LABEL = re.compile(
    r"(?:read (?:also|more|next)|see also|also read|more (?:on|from)|related|recommended|(?:don't|do not) miss"
    r"|watch(?: now)?:|lesen sie (?:auch|hier|mehr|dazu|weiter)|lies (?:auch|hier|mehr)|weiterlesen"
    r"|mehr (?:zum thema|dazu|infos?|informationen)|auch interessant|auch auf|das könnte (?:sie|dich|euch)"
    r"|passend (?:zum|dazu)|zum weiterlesen|siehe auch|zum thema|weitere (?:infos?|informationen|artikel|meldungen"
    r"|nachrichten|beiträge|links)|hier geht.s (?:zu|weiter)|le(?:e|a|er) (?:también|tambien|más|además)|(?:le"
    r"|te) puede interesar|(?:también|además) (?:lee|lea|puedes|te puede)|mir[ae](?: también| además|:)|ve(?:a"
    r"|r) (?:también|además|más)|relacionad[ao]s?|más (?:sobre|noticias|información)|(?:à|a) lire(?: aussi)?"
    r"|lire (?:aussi|la suite|également)|voir aussi|sur le même sujet|pour aller plus loin|leggi anche"
    r"|potrebbe interessarti|per approfondire|le(?:ia|r) (?:também|mais)|veja (?:também|mais)|saiba mais"
    r"|czytaj (?:też|także|również|więcej)|zobacz (?:też|także|również)|przeczytaj|lees (?:ook|meer|verder)"
    r"|bekijk ook)(?![^\W_])",
    _I,
)
_OFFER = re.compile(
    r"(?:subscribe\b|sign up\b|follow (?:us\b|.{1,60} on (?:facebook|twitter|instagram|telegram))|join our\b"
    r"|to (?:view|read) the full (?:story|article)|for the latest stories|if you.re seeing this message"
    r"|first-time subscribers|s[ií]guenos|suscr[ií]b|[uú]nete|hazte (?:miembro|socio)|descarga nuestra"
    r"|abonnieren sie|abonniere|(?:jetzt|hier) (?:abonnieren|anmelden|bestellen)|folge(?:n sie)? uns|newsletter\b"
    r"|melde dich|abonnez-vous|inscrivez-vous|suivez-nous|iscriviti|seguici|segui(?:te)?ci|inscreva-se|siga-nos"
    r"|assine\b|zapisz się|obserwuj nas|zaprenumeruj|schrijf je in|volg ons)",
    _I,
)
_LABEL = re.compile(
    r"(?:tags?|temas|themen|topics|etiquetas|schlag(?:wörter|worte)|stichw(?:orte|örter)|kategorien?|categor(?:y|ies"
    r"|ías)|mots[- ]clés|tagi|autor|ansprechpartner(?:in)?|pressekontakt|kontakt|teilen|drucken|compartir|partager"
    r"|condividi|udostępnij|delen|share|print|inhalt(?:sverzeichnis)?|table of contents|contenido|sommaire"
    r"|release date|zusatzinformationen|kommentare?|comments?|comentarios|commentaires|commenti|komentarze|reacties"
    r"|quellen?|anzeige|werbung|publicidad|publicité|reklama|advertisement)\W*",
    _I,
)
_CREDIT_LABEL = re.compile(
    r"(?:fotos?|photos?|bild(?:er|quelle|nachweis|rechte|unterschrift)?|fotocredit|titelbild|symbolbild"
    r"|image(?: credit| source)?|imagen|crédit(?:s| photo)|picture|quelle|source|fuente|copyright|video|grafik"
    r"|abbildung|zdjęcie|fot\.)\s*(?:[:©/]|by\b)|©|\(c\)\s",
    _I,
)
_UPDATED = re.compile(
    r"(?:zuletzt )?(?:aktualisiert|veröffentlicht|erstellt|geändert|stand|publicado|actualizado|publié|mis à jour"
    r"|pubblicato|aggiornato|publikacja|aktualizacja|gepubliceerd|posted|published|last updated|updated)(?: am| on"
    r"| le| el| il| op)?\s*:?\s.{0,12}\d.{0,40}$",
    _I,
)


def is_aside(mark: str) -> bool:
    return _ASIDE.search(mark) is not None


def is_caption(mark: str) -> bool:
    return _CAPTION.search(mark) is not None


def is_lead(mark: str) -> bool:
    return _LEAD.search(mark) is not None


def is_byline(mark: str) -> bool:
    return _BYLINE.search(mark) is not None


def is_date(mark: str) -> bool:
    return _DATE.search(mark) is not None


def announces_link(text: str) -> bool:
    """Begins as links to other articles do: "Read also: …"."""
    return _LINK_LABEL.match(text) is not None


def is_offer(text: str) -> bool:
    """Begins as offers to subscribe or to follow do."""
    return _OFFER.match(text) is not None


def is_label(text: str) -> bool:
    """Nothing but the label of something that is not body: "Tags:"."""
    return _LABEL.fullmatch(text) is not None


def is_credit(text: str) -> bool:
    return _CREDIT_LABEL.match(text) is not None


def is_update(text: str) -> bool:
    """A line that says when the page was published or changed."""
    return _UPDATED.match(text) is not None
