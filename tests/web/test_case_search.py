"""Searching cases by keyword: the matter's name, alias or initials, and a unified code wherever it was entered."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser, Town, application

CODE = "91530100MA23078125"


@pytest.mark.parametrize("wanted", ["公司设立", "公司设立登记", "gssl", "GSSL", "company establishment"])
def test_a_case_is_found_by_what_its_matter_is_called(town: Town, clerk: Browser, wanted: str) -> None:
    reference = clerk.receive(application(form={"enterprise_name": "演示无关名称"})).json()["reference"]
    found = clerk.get("/api/cases", params={"q": wanted, "limit": 200}).json()["cases"]
    assert reference in {case["reference"] for case in found}
    assert reference in town.sign_in("clerk").get(f"/desk?queue=all&limit=200&q={wanted}").text


def test_a_likeness_of_letters_names_no_matter(clerk: Browser) -> None:
    clerk.receive()
    assert clerk.get("/api/cases", params={"q": "ssld"}).json()["cases"] == []


def test_a_case_whose_title_and_matter_both_fit_is_listed_once(clerk: Browser) -> None:
    title = "演示公司设立顾问有限公司"
    reference = clerk.receive(application(form={"enterprise_name": title})).json()["reference"]
    found = clerk.get("/api/cases", params={"q": "公司设立", "limit": 200}).json()["cases"]
    assert [case["reference"] for case in found].count(reference) == 1


def test_a_unified_code_of_the_form_finds_its_case(clerk: Browser) -> None:
    body = application(matter="company-deregistration", form={"unified_code": CODE})
    reference = clerk.receive(body).json()["reference"]
    for wanted in (CODE, f" {CODE.lower()} "):
        found = clerk.get("/api/cases", params={"q": wanted}).json()["cases"]
        assert [case["reference"] for case in found] == [reference]
    assert clerk.get("/api/cases", params={"q": CODE[:-1]}).json()["cases"] == []
