"""Make the synthetic cohort of this folder. SYNTHETIC: nobody in it exists, and nothing in it is evidence.

    python data/cart/make_cohort.py                          write the shipped files (the accepted seed, the same bytes)
    python data/cart/make_cohort.py --out DIR                the same into another folder, study.toml included
    python data/cart/make_cohort.py --search 200             try seeds from 1 and print the first that is accepted
    python data/cart/make_cohort.py --variant null --out DIR an awkward relative of the cohort, for tests

Needs nothing but Python; only the search uses scipy and lifelines.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from generate.cohort import Table, generate, write
from generate.targets import SHIPPED, VARIANTS, Arm

HERE = Path(__file__).resolve().parent
SEED = 155  # the first seed that `--search` accepts


def adapt(text: str, arms: tuple[Arm, ...]) -> str:
    """The study file for a variant: its own number of patients and arms, and no claims: no abstract is about it."""
    text = text.split("\n# Claims", 1)[0].rstrip() + "\n"
    text = re.sub(r"(?m)^expected_n( *)= *\d+", rf"expected_n\1= {sum(arm.n for arm in arms)}", text)
    kept = {arm.key for arm in arms}
    for arm in SHIPPED:
        if arm.key not in kept:
            text = re.sub(rf'(?m)^{arm.key} = ".*"\n', "", text)
            text = re.sub(rf'(?m)^reference( *)= *"{arm.key}"', rf'reference\1= "{arms[0].key}"', text)
    return re.sub(r'(?m)^exhibits = \["claims"\]\n', "", text)


def without_kinetics(tables: dict[str, Table]) -> dict[str, Table]:
    """Keep the analytes but empty every value of CAR copies and interleukin-6."""
    for row in tables["series"]:
        if row["analyte"] in ("cart", "il6"):
            row |= {"value": None, "qualifier": None}
    return tables


def search(most: int) -> int:
    """Print the first accepted seed up to `most`; exit status 1 when there is none."""
    from generate.acceptance import failures

    for seed in range(1, most + 1):
        problems = failures(generate(seed))
        if not problems:
            print(seed)
            return 0
        print(f"seed {seed}: {'; '.join(problems)}", file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the synthetic cohort.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, for variants")
    parser.add_argument("--search", type=int, metavar="MOST", help="only look for the first accepted seed up to MOST")
    parser.add_argument("--variant", choices=sorted(VARIANTS), help="an adversarial variant; needs --out")
    options = parser.parse_args()
    if options.search:
        return search(options.search)
    out = options.out.resolve()
    if out == HERE and (options.variant or options.seed != SEED):
        parser.error("another seed or a variant goes to another folder: give --out")
    arms = VARIANTS.get(options.variant, SHIPPED)
    tables = generate(options.seed, arms)
    write(without_kinetics(tables) if options.variant == "no-kinetics" else tables, out)
    if out != HERE and (HERE / "study.toml").exists():
        text = (HERE / "study.toml").read_text(encoding="utf-8")
        (out / "study.toml").write_text(adapt(text, arms) if options.variant else text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
