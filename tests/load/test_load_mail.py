from __future__ import annotations

import io
import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.load import email, mbox
from rag.load.mail_text import not_its_own
from rag.load.source import Found, Loaded, Unreadable
from rag.types import Article, Origin, Rejected

SAMPLES = Path(__file__).parent.parent / "samples"
FOUND = Found(Path("/news/a.eml"), "a.eml")


def read(content: bytes) -> list[Loaded | Rejected]:
    return list(email.load(FOUND, io.BytesIO(content)))


def one(content: bytes) -> Loaded:
    (loaded,) = read(content)
    assert isinstance(loaded, Loaded)
    return loaded


def article(content: bytes) -> Article:
    return one(content).article


def message(text: str = "The talks go on in Geneva.\n", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Jane Roe <jane@sample.example>", "Subject": "The talks", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def own(text: str) -> str:
    """The text without what is marked."""
    at, kept = 0, []
    for span in not_its_own(text):
        kept.append(text[at : span.start])
        at = span.end
    return " ".join("".join([*kept, text[at:]]).split())


# The headers.


def test_the_headers_of_a_reply_say_who_when_and_what() -> None:
    reply = article((SAMPLES / "reply.eml").read_bytes())
    assert reply.title == "Re: The talks – who comes?"
    assert reply.authors == ("Zoë Müller",)
    assert reply.publisher is None
    assert (reply.published, reply.published_from) == ("2020-03-31T16:20:00+02:00", Origin.HEADER)
    assert reply.key == "reply-1@observers.example"
    assert reply.path == "/news/a.eml"
    # Its lines end in a space where they go on, as "format=flowed" has it.
    assert "that they will come to Geneva on Monday. We expect the ministers themselves." in reply.text


def test_the_sender_of_a_newsletter_is_its_publisher_and_the_byline_its_author() -> None:
    letter = article((SAMPLES / "newsletter.eml").read_bytes())
    assert letter.publisher == "The Daily Sample"
    assert letter.authors == ("Jane Roe", "John Doe")
    assert letter.title == "Ceasefire holds as both sides agree to meet"
    assert letter.published == "2020-04-01T10:15:00Z"


@pytest.mark.parametrize(
    ("sender", "authors", "publisher"),
    [
        ("Jane Roe <j@x.example>", ("Jane Roe",), None),
        ('"Roe, Jane" <j@x.example>', ("Roe, Jane",), None),
        ("Jane Roe from The Times <j@x.example>", ("Jane Roe",), "The Times"),
        ("Reuters News <j@x.example>", (), "Reuters News"),
        ("j@x.example", ("j@x.example",), None),
        ("=?utf-8?q?Zo=C3=AB?= Roe <j@x.example>", ("Zoë Roe",), None),
    ],
)
def test_whom_a_sender_is(sender: str, authors: tuple[str, ...], publisher: str | None) -> None:
    read_back = article(f"From: {sender}\nSubject: x\n\nThe talks go on.\n".encode())
    assert (read_back.authors, read_back.publisher) == (authors, publisher)


def test_what_was_forwarded_goes_by_its_own_subject_and_an_answer_by_its_answer_s() -> None:
    assert article(message(Subject="Fwd: FW: The talks").as_bytes()).title == "The talks"
    assert article(message(Subject="Re: The talks").as_bytes()).title == "Re: The talks"


def test_a_message_without_an_id_goes_by_its_file_and_one_in_an_archive_by_its_address() -> None:
    assert article(message().as_bytes()).key == "a.eml"
    archived = article(message(Archived_At="<https://Lists.example/a/1?utm_source=x>").as_bytes())
    assert archived.key == "https://lists.example/a/1"
    assert archived.url == "https://Lists.example/a/1?utm_source=x"


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2020 99:99:99"])
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    assert article(f"From: a@b.example\nDate: {date}\n\nThe talks go on.\n".encode()).published is None


def test_bytes_that_are_no_ascii_in_a_header_are_read_as_utf_8() -> None:
    assert article("From: a@b.example\nSubject: Brücke\n\nThe talks go on.\n".encode()).title == "Brücke"


# The text.


def test_plain_text_is_preferred_unless_it_only_says_that_there_is_html() -> None:
    both = message("The plain text of the talks, in as many words as the other has.\n")
    both.add_alternative("<p>The <b>marked-up</b> text of the talks, in as many words.</p>", subtype="html")
    assert article(both.as_bytes()).text == "The plain text of the talks, in as many words as the other has."
    stub = message("This mail needs HTML.\n")
    html = (
        "<html><head><title>x</title></head><body><h1>Truce</h1><p>" + "The talks go on. " * 20 + "</p></body></html>"
    )
    stub.add_alternative(html, subtype="html")
    assert article(stub.as_bytes()).text == "Truce\n\n" + " ".join(["The talks go on."] * 20)


def test_html_alone_is_read_without_what_it_hides() -> None:
    made = message()
    made.set_content(
        '<div style="display:none">Preview of the mail</div><table><tr><td><p>The talks go on.</p></td></tr></table>'
        "<p>They are<br>in Geneva.</p><script>x()</script><blockquote type=cite>What did they say?</blockquote>",
        subtype="html",
    )
    found = article(made.as_bytes())
    assert found.text == "The talks go on.\n\nThey are\nin Geneva.\n\nWhat did they say?"
    assert [found.text[span.start : span.end] for span in found.skipped] == ["What did they say?"]


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("iso-8859-1", "“Café”".encode("cp1252")),  # what it says is not what it is, as so often
        ("nonsense", "“Café”".encode()),
        ("us-ascii", "“Café”".encode()),
    ],
)
def test_a_wrong_charset_is_no_reason_to_lose_a_letter(charset: str, content: bytes) -> None:
    head = f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\nThey met at the ".encode()
    assert article(head + content + b" in Paris.\n").text == "They met at the “Café” in Paris."


# What is not its own.


def test_a_reply_s_quotation_signature_and_legal_notice_are_marked() -> None:
    found = article((SAMPLES / "reply.eml").read_bytes())
    kept, at = [], 0
    for span in found.skipped:
        kept.append(found.text[at : span.start])
        at = span.end
    assert " ".join("".join([*kept, found.text[at:]]).split()) == (
        "Dear Jane, both delegations have confirmed that they will come to Geneva on Monday. "
        "We expect the ministers themselves."
    )


@pytest.mark.parametrize(
    "foot",
    [
        "On Mon, 30 Mar 2020, John Doe wrote:\n> Who comes?\n> And when?",
        "Am 30.03.2020 um 10:00 schrieb John Doe:\n> Wer kommt?",
        "-----Original Message-----\nFrom: John Doe\nSent: Monday\nSubject: Who\n\nWho comes?",
        "________________________________\nFrom: John Doe\nDate: Monday\nSubject: Who\n\nWho comes?",
        "-- \nJane Roe\nThe Daily Sample",
        "Sent from my iPhone",
        "You received this message because you are subscribed to the list.",
        "To stop these letters, unsubscribe here: https://x.example/u",
        "_______________________________________________\nnews mailing list\nnews@lists.example",
        "CONFIDENTIALITY NOTICE: This message is intended only for the addressee.",
    ],
)
def test_what_stands_below_a_mail_is_not_its_own(foot: str) -> None:
    assert own(f"The ministers will come to Geneva.\n\n{foot}\n") == "The ministers will come to Geneva."


@pytest.mark.parametrize(
    "text",
    [
        "He wrote:\n\nThe talks go on.",
        "The union -- or what is left of it -- will strike.",
        "From: where do they come? Nobody knows.",
        "Workers may unsubscribe, the court held, but " + "the firm may appeal. " * 30,
        "The e-mail said: “Do not come.”",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert own(text) == " ".join(text.split())


def test_a_forwarded_message_is_what_the_mail_is_about() -> None:
    text = (
        "For your files.\n\n---------- Forwarded message ---------\nFrom: The Ministry <m@x.example>\n"
        "Date: Mon, 30 Mar 2020\nSubject: Statement\n\nBoth sides have agreed to meet.\n"
    )
    assert own(text) == "For your files. Both sides have agreed to meet."
    original = "-----Original Message-----\nFrom: M\nSent: Monday\nSubject: S\n\nBoth sides have agreed to meet."
    assert own(original) == "Both sides have agreed to meet."


def test_a_mail_that_is_all_quotation_is_read_as_what_it_quotes() -> None:
    assert own("> Both sides have agreed.\n> They will meet.\n") == "> Both sides have agreed. > They will meet."


# Attachments.


def test_an_attachment_that_can_be_read_is_an_article_and_the_others_are_named() -> None:
    made = message(Message_ID="<1@x.example>", Date="Wed, 1 Apr 2020 10:15:00 +0000")
    made.add_attachment(b"The statement says that they will meet.", "text", "plain", filename="Erklärung.txt")
    made.add_attachment(b"\x89PNG", "image", "png", filename="photo.png")
    made.add_attachment(b"not a PDF", "application", "pdf", filename="minutes.pdf")
    mail, attached = read(made.as_bytes())
    assert isinstance(mail, Loaded)
    assert isinstance(attached, Loaded)
    assert attached.article.text == "The statement says that they will meet."
    assert attached.article.key == "1@x.example#Erklärung.txt"
    assert attached.article.path == "/news/a.eml"
    assert (attached.article.published, attached.article.published_from) == ("2020-04-01T10:15:00Z", Origin.HEADER)
    assert mail.notes[0] == "photo.png (image/png) was attached and not read"
    assert mail.notes[1].startswith("minutes.pdf was attached and not read: it is not a whole PDF")


def test_an_attached_message_is_an_article_too() -> None:
    made = message(Message_ID="<1@x.example>")
    made.add_attachment(message("Both sides have agreed.\n", Subject="Statement", Message_ID="<2@x.example>"))
    keys = [one.article.key for one in read(made.as_bytes()) if isinstance(one, Loaded)]
    assert keys == ["1@x.example", "2@x.example"]


def test_two_attachments_of_one_name_are_two_articles() -> None:
    made = message(Message_ID="<1@x.example>")
    for text in (b"The statement says that they will meet.", b"The other statement says that they will not."):
        made.add_attachment(text, "text", "plain", filename="statement.txt")
    texts = {one.article.key: one.article.text for one in read(made.as_bytes()) if isinstance(one, Loaded)}
    assert texts["1@x.example#statement.txt"] == "The statement says that they will meet."
    assert texts["1@x.example#statement (2).txt"] == "The other statement says that they will not."


def test_of_two_attachments_with_one_id_the_first_goes_in_and_the_second_is_named() -> None:
    made = message(Message_ID="<1@x.example>")
    for name, text in (("a", "They will meet."), ("b", "They will not meet.")):
        line = json.dumps({"id": "7", "text": text}).encode()
        made.add_attachment(line, "application", "json", filename=f"{name}.jsonl")
    for loaded in (read(made.as_bytes()), box(b"From x Wed Apr  1 10:15:00 2020\n" + made.as_bytes())):
        assert [one.article.text for one in loaded if isinstance(one, Loaded)][1:] == ["They will meet."]
        (refused,) = [one for one in loaded if isinstance(one, Rejected)]
        assert refused.reason == "holds 7 once more among what is attached; leave it out"


def test_what_was_not_read_of_a_mail_without_text_is_named_with_its_first_article() -> None:
    made = EmailMessage()
    made["From"], made["Message-ID"] = "jane@sample.example", "<1@x.example>"
    made.add_attachment(b"The statement says that they will meet.", "text", "plain", filename="a.txt")
    made.add_attachment(b"\x89PNG", "image", "png", filename="photo.png")
    assert one(made.as_bytes()).notes == ("photo.png (image/png) was attached and not read",)


# Mailboxes.


def box(content: bytes) -> list[Loaded | Rejected]:
    return list(mbox.load(Found(Path("/news/a.mbox"), "a.mbox"), io.BytesIO(content)))


def test_each_message_of_a_mailbox_is_an_article_and_a_repeated_one_is_said_to_be() -> None:
    first, second, third = box((SAMPLES / "mail.mbox").read_bytes())
    assert isinstance(first, Loaded)
    assert first.article.publisher == "The Daily Sample"
    assert isinstance(second, Loaded)
    assert second.article.text.startswith("From Geneva, dear Jane,")  # ">From" in the file
    assert third == Rejected("/news/a.mbox, message 3", "is there a second time: it repeats message 1")


def test_a_message_without_an_id_goes_by_its_text_and_one_without_text_is_refused() -> None:
    messages = [
        b"From: a@x.example\nSubject: A\n\nThe talks go on.\n",
        b"From: a@x.example\nSubject: B\n\n\n",
        b"no message at all\n",
        b"From: a@x.example\nSubject: C\n\nThey met.\nFrom here it is not far.\n",
    ]
    first, *refused, last = box(b"".join(b"From x Wed Apr  1 10:15:00 2020\n" + one + b"\n" for one in messages))
    assert isinstance(first, Loaded)
    assert first.article.key == f"a.mbox#{first.article.version[:12]}"
    assert [(one.where, one.reason) for one in refused if isinstance(one, Rejected)] == [
        ("/news/a.mbox, message 2", "holds no text"),
        ("/news/a.mbox, message 3", "is no e-mail: it has none of the usual headers"),
    ]
    assert isinstance(last, Loaded)
    assert last.article.text == "They met.\nFrom here it is not far."


def test_what_is_no_mailbox_is_refused() -> None:
    for content in (b"", b"\n\n", b"Dear Jane,\n"):
        with pytest.raises(Unreadable):
            box(content)


# What is refused.


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no e-mail"),
        (b"just a text without any header\n", "is no e-mail"),
        (b"From: a@b.example\nSubject: empty\n\n", "holds no text"),
        (
            b"From: a@b.example\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\nVersion: 1\n--x--\n",
            "is encrypted",
        ),
        (b"From: a@b.example\n" + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 600, "has too many parts"),
    ],
)
def test_what_is_no_mail_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert str(refused.value).startswith(reason)


def test_a_damaged_mail_is_read_or_refused_and_nothing_else() -> None:
    whole = (SAMPLES / "newsletter.eml").read_bytes()
    damaged = [whole[:at] for at in range(0, len(whole), 61)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :] for at in range(0, len(whole), 31)]
    for content in damaged:
        try:
            loaded = read(content)
        except Unreadable:
            continue
        assert all(isinstance(one, Loaded) and one.article.text for one in loaded)
