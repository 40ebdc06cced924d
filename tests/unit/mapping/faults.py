"""Faults planted one by one in the mapping of ``samples``, and what is told of each."""

from __future__ import annotations

RULE_14 = "via: [{code: sex}]"

GOLDEN = [
    ("rules:", "ruls:", ['1: "rules" is missing', '10: unknown key "ruls", did you mean "rules"?']),
    ("version: 1", "version: one", ["2: version: expected a number from 1"]),
    ("version: 1", "version: true", ["2: version: expected a number from 1"]),
    (
        "valid_from: 2025-07-01",
        "valid_from: soon",
        ["3: valid_from: expected a day like 2025-07-01"],
    ),
    ("mapping: thu/don", "mapping: Thu", ["1: mapping: expected a name like gplx/licence"]),
    ("key: {ours: code, theirs: Ma}", "key: Ma", ["4: key: expected a table of keys"]),
    ("key: {ours: code, theirs: Ma}", "key: {ours: code}", ['4: key: "theirs" is missing']),
    (
        "key: {ours: code,",
        "key: {ours: ministry_ref,",
        ["4: key: ours: a record is known by our code"],
    ),
    ("version: 1", "version: 1\nof: folder", ['3: of: "folder" is not one of dossier, progress']),
    ("version: 1", "version: 1\nway: up", ['3: way: "up" is not one of both, in, out, mirror']),
    (
        "sex: {Nam: male, Nữ: female}",
        "sex: Nam",
        ["6: code table sex: expected word: value"],
    ),
    (
        "sex: {Nam: male, Nữ: female}",
        "sex: {Nam: [male], Nữ: female}",
        ["6: code table sex: Nam: expected one value"],
    ),
    (
        RULE_14,
        "via: [{codee: sex}]",
        ['14: rule 4 (applicant.sex): unknown transform "codee", did you mean "code"?'],
    ),
    (
        RULE_14,
        "via: [{code: sexx}]",
        ['14: rule 4 (applicant.sex): unknown code table "sexx", did you mean "sex"?'],
    ),
    (RULE_14, "via: [code]", ['14: rule 4 (applicant.sex): transform "code" takes a table']),
    (RULE_14, "via: [{trim: 1}]", ['14: rule 4 (applicant.sex): transform "trim" takes nothing']),
    (RULE_14, "via: code", ["14: rule 4 (applicant.sex): via: expected a list"]),
    (
        RULE_14,
        "via: [number, first_of]",
        [
            '14: rule 4 (applicant.sex): transform "first_of" comes first',
        ],
    ),
    (
        "{max_length: 20}",
        "{max_length: long}",
        [
            '12: rule 2 (applicant.name): transform "max_length": expected a number of characters',
        ],
    ),
    (
        '{partial_date: "%d/%m/%Y"}',
        '{partial_date: "%d/%b/%Y"}',
        [
            (
                '13: rule 3 (applicant.birth_date): transform "partial_date": '
                "%b is none of %Y %m %d %H %M %S"
            ),
        ],
    ),
    (
        '{partial_date: "%d/%m/%Y"}',
        '{partial_date: "%m/%d/%Y"}',
        [
            (
                '13: rule 3 (applicant.birth_date): transform "partial_date": '
                "expected a form with the day at one end"
            ),
        ],
    ),
    (
        "{ours: applicant.sex,",
        "{ours: applicant.sexx,",
        [
            (
                '14: rule 4 (applicant.sexx): unknown path "applicant.sexx", '
                'did you mean "applicant.sex"?'
            ),
        ],
    ),
    (
        "{ours: applicant.sex, theirs",
        "{ours: applicant.sex, their",
        [
            '14: rule 4 (applicant.sex): "theirs" is missing',
            '14: rule 4 (applicant.sex): unknown key "their", did you mean "theirs"?',
        ],
    ),
    (
        "{ours: applicant.sex, ",
        "{",
        [
            '14: rule 4 (Nguoi/Gioi): "ours" (or "from") is missing',
        ],
    ),
    (
        "personal: true}\n  - {ours: received_at",
        "personal: yes}\n  - {ours: received_at",
        ["14: rule 4 (applicant.sex): personal: expected true or false"],
    ),
    (
        "owner: by_status",
        "owner: bystatus",
        [
            (
                '16: rule 6 (status): owner: "bystatus" is not one of '
                "onestop, ministry, by_status, none"
            ),
        ],
    ),
    (
        "required: true, personal: true}",
        'required: true, default: "", personal: true}',
        ["12: rule 2 (applicant.name): a value is never made up for a required field"],
    ),
    (
        "way: in, owner: ministry",
        'way: in, default: "", owner: ministry',
        ['17: rule 7 (status_note): "default" goes outward only'],
    ),
    (
        "way: in, owner: ministry",
        "way: in, when: {status: 4}, owner: ministry",
        ['17: rule 7 (status_note): "when" goes outward only: way: out'],
    ),
    (
        "{from: [fees], theirs: Phi, via: [{total: amount}], known: [code]}",
        "{from: [fees], theirs: Phi, known: [cod]}",
        [
            (
                '19: rule 9 (Phi): "from" needs a transform that gathers, such as first_of, '
                'first in "via"'
            ),
            "19: rule 9 (Phi): only the rows of a list are chosen among",
            '19: rule 9 (Phi): the rows of fees have no "cod", did you mean "code"?',
        ],
    ),
    (
        "{from: [fees], theirs: Phi,",
        "{ours: fees, theirs: Phi, way: both,",
        [
            (
                "19: rule 9 (fees): a list some rows of which are left out is never read: "
                "way: out or mirror"
            ),
            "19: rule 9 (fees): what can't be read back goes out only: way: out",
        ],
    ),
    (
        "where: {kind: [component, supplement], deleted: false}",
        "where: {kinds: [component], deleted: false}",
        ['23: rule 10 (documents): the rows of documents have no "kinds", did you mean "kind"?'],
    ),
    (
        "{ours: name, theirs: Ten, required: true}\n      - {ours: id",
        "{ours: nam, theirs: Ten, required: true}\n      - {ours: id",
        ['25: rule 10.1 (nam): unknown path "nam", did you mean "name"?'],
    ),
    (
        "  - ours: details.degrees",
        "  - ours: summary",
        [
            '29: rule 11 (summary): "each" goes with a list such as documents',
            "27: rule 11 (summary): summary is read by rule 8 already",
        ],
    ),
    (
        "{ours: year, theirs: Nam,",
        "{ours: year, theirs: Nam, way: out,",
        ["29: rule 11 (details.degrees): the rules of a list that is read are all of its way"],
    ),
    (
        "{ours: year, theirs: Nam,",
        "{ours: year, theirs: Ten,",
        ["31: rule 11.2 (year): Ten is written by rule 11.1 already"],
    ),
    (
        "theirs: TomTat",
        "theirs: Nhan",
        ["18: rule 8 (summary): Nhan is written by rule 5 already"],
    ),
    (
        "theirs: GhiChu, way: in,",
        "theirs: GhiChu, way: out, unless: TomTat,",
        ['17: rule 7 (status_note): "unless" goes inward only: way: in'],
    ),
    (
        "codes:",
        "takes: {statuss: [2]}\ncodes:",
        ['5: takes: unknown path "statuss", did you mean "status"?'],
    ),
    (
        "triggers: [supplements_brought]",
        "triggers: [supplement_brought]",
        [
            '32: triggers: unknown path "supplement_brought", did you mean "supplements_brought"?',
        ],
    ),
    ("ignore: {theirs: [Khac]}", "ignore: [Khac]", ["33: ignore: expected a table of keys"]),
    (
        "ignore: {theirs: [Khac]}",
        "ignore: {their: [Khac]}",
        [
            '33: ignore: "theirs" is missing',
            '33: ignore: unknown key "their", did you mean "theirs"?',
        ],
    ),
    (
        "lifts_to: {applicant.name: Lê Thử}",
        "lift_to: {applicant.name: Lê Thử}",
        [
            (
                "39: example 1: expected theirs: with lifts_to:, ours: with lowers_to:, "
                "or either with refuses:"
            ),
            '39: example 1: unknown key "lift_to", did you mean "lifts_to"?',
        ],
    ),
    (
        "lifts_to: {applicant.name: Lê Thử}",
        "lifts_to: {applicant.nam: Lê Thử}",
        ['39: example 1: unknown path "applicant.nam", did you mean "applicant.name"?'],
    ),
]
