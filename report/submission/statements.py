"""Statements a journal asks for beside the paper: availability of data and code, software. What only authors know is a
prompt in brackets.
"""

from __future__ import annotations

from report.compose import Facts
from report.methods_text import SOFTWARE
from stats.study.types import Study


def markdown(study: Study, facts: Facts) -> str:
    """statements.md."""
    parts = {
        "Data availability": _data(study),
        "Code availability": "The study file, which defines every endpoint, population and analysis, and the program that "
        "computed the results are available from [name the repository]. "
        f"The results were made by the code with the fingerprint {facts.code[:16]}, the report is {facts.fingerprint}.",
        "Software": f"The results were computed with {_software(facts)}.",
        "Funding": "[Name the sources of money and what part they had, or write that there were none.]",
        "Competing interests": "[Declare those of every author.]",
        "Ethics": "[Name the committee, the number of its approval, and how patients consented.]",
        "Authors' contributions": "[Say who did what.]",
    }
    blocks = [f"## {head}\n\n{text}" for head, text in parts.items()]
    return "\n\n".join([f"# Statements: {study.short}", "Words in brackets are for the authors.", *blocks]) + "\n"


def _data(study: Study) -> str:
    if study.synthetic:
        return ("The data are synthetic: a program made them, no patient stands behind them, and they lie beside the study "
                "file. Nothing in them is evidence.")
    return ("Every number of this paper, with its method, is in results.csv, which is supplied with it. "
            "[Say where, to whom and on what terms the data of individual patients can be had, or why they can't.]")


def _software(facts: Facts) -> str:
    return ", ".join(f"{'Python' if name == 'python' else name} {facts.versions[name]}"
                     for name in SOFTWARE if name in facts.versions)
