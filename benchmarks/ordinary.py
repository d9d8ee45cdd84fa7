"""The same tables and figures as the report on data/cart, the ordinary way, in one script.

`python -m benchmarks.ordinary DATA OUT [html]`. With pandas, lifelines, tableone, pyplot and WeasyPrint. It checks nothing,
names no method and addresses no number; it is what one writes in a day or two when the results are needed, and what a
build is timed against. Nothing in it is made slow: libraries are called as their manuals show.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import jinja2
import matplotlib as mpl
import numpy as np
import pandas as pd
from scipy import stats

mpl.use("Agg")
import matplotlib.pyplot as plt
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.plotting import add_at_risk_counts
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from tableone import TableOne

MONTH = 30.4375
ARMS = {"R": "Recipient-derived", "D": "Donor-derived"}
PAGE = jinja2.Template("""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Results</title><style>
@page { size: A4; margin: 20mm } body { font: 10pt/1.4 "Liberation Serif", serif }
table { border-collapse: collapse; font-size: 8.5pt; width: 100% }
th, td { text-align: left; padding: 1pt 4pt; vertical-align: top } thead th { border-bottom: 0.5pt solid } img { width: 100% }
figure, table { margin: 8pt 0 } tr { break-inside: avoid }</style></head><body><h1>Results</h1>
{% for title, parts in sections %}<h2>{{ title }}</h2>{% for part in parts %}{{ part }}{% endfor %}{% endfor %}</body></html>""")


def picture(fig: plt.Figure, title: str) -> str:
    data = io.BytesIO()
    fig.tight_layout()
    fig.savefig(data, format="svg")
    plt.close(fig)
    source = f"data:image/svg+xml;base64,{base64.b64encode(data.getvalue()).decode()}"
    return f'<figure><img src="{source}"><figcaption>{title}</figcaption></figure>'


def share(n: int, total: int) -> str:
    low, high = stats.binomtest(n, total).proportion_ci(method="exact")
    return f"{n}/{total} ({100 * n / total:.0f}%; {100 * low:.0f}–{100 * high:.0f})"


def fisher(table: pd.DataFrame) -> float:
    return stats.fisher_exact(table).pvalue if min(table.shape) > 1 else np.nan


def characteristics(data: pd.DataFrame, columns: list[str], test: bool = True) -> str:
    categorical = [c for c in columns if data[c].nunique() <= 5]
    continuous = [c for c in columns if c not in categorical]
    made = TableOne(
        data,
        columns=columns,
        categorical=categorical,
        continuous=continuous,
        nonnormal=continuous,
        groupby="arm",
        pval=test,
    )
    return made.to_html()


def survival(
    data: pd.DataFrame, name: str, times: tuple[int, ...], ticks: list[int], label: str
) -> tuple[list[str], str]:
    fig, ax = plt.subplots(figsize=(6.5, 5))
    rows, fitted = {}, []
    parts = {arm: data[data.arm == arm] for arm in ARMS}
    for arm, part in parts.items():
        km = KaplanMeierFitter(label=ARMS[arm]).fit(part[f"{name}_months"], part[f"{name}_event"])
        km.plot_survival_function(ax=ax, show_censors=True)
        fitted.append(km)
        limits = median_survival_times(km.confidence_interval_).iloc[0]
        at = [f"{100 * km.predict(t):.0f}%" for t in times]
        mean = [f"{restricted_mean_survival_time(km, t=t):.1f}" for t in times]
        rows[ARMS[arm]] = [
            int(part[f"{name}_event"].sum()),
            f"{km.median_survival_time_:.1f} ({limits.iloc[0]:.1f}–{limits.iloc[1]:.1f})",
            *at,
            *mean,
        ]
    r, d = parts["R"], parts["D"]
    p = logrank_test(r[f"{name}_months"], d[f"{name}_months"], r[f"{name}_event"], d[f"{name}_event"]).p_value
    model = data[[f"{name}_months", f"{name}_event"]].assign(recipient=(data.arm == "R").astype(int))
    cox = CoxPHFitter().fit(model, f"{name}_months", f"{name}_event").summary.loc["recipient"]
    ax.set(xlabel="Months", ylabel=label, ylim=(0, 1.02), xticks=ticks)
    ax.text(0.5, 0.9, f"HR {cox['exp(coef)']:.2f}; log-rank P = {p:.3f}", transform=ax.transAxes)
    add_at_risk_counts(*fitted, ax=ax)
    heads = ["Events", "Median (95% CI)", *[f"At {t} months" for t in times], *[f"Mean to {t}" for t in times]]
    table = pd.DataFrame(rows, index=heads)
    table.loc["Hazard ratio"] = [
        f"{cox['exp(coef)']:.2f} ({cox['exp(coef) lower 95%']:.2f}–{cox['exp(coef) upper 95%']:.2f})",
        "",
    ]
    table.loc["Log-rank P"] = [f"{p:.3f}", ""]
    return [picture(fig, label)], table.to_html()


def incidence(data: pd.DataFrame, time: str, status: str, times: list[int], title: str, unit: str) -> tuple[str, str]:
    fig, ax = plt.subplots(figsize=(6.5, 4.2))
    rows = {}
    for arm, label in ARMS.items():
        part = data[data.arm == arm]
        found = AalenJohansenFitter(calculate_variance=True, seed=1).fit(part[time], part[status], event_of_interest=1)
        found.plot(ax=ax, label=label)
        rows[label] = [
            f"{100 * float(found.cumulative_density_[found.cumulative_density_.index <= t].iloc[-1, 0]):.0f}%"
            for t in times
        ]
    ax.set(xlabel=unit.capitalize(), ylabel="Cumulative incidence", ylim=(0, 1))
    return picture(fig, title), pd.DataFrame(rows, index=[f"At {t} {unit}" for t in times]).to_html()


def kinetics(series: pd.DataFrame, analyte: str, limit: float, window: tuple[int, int], title: str) -> list[str]:
    rows = series[(series.analyte == analyte) & series.day.between(*window)].copy()
    rows.loc[rows.qualifier == "<", "value"] = limit / 2
    fig, axes = plt.subplots(1, 2, figsize=(6.5, 3.4), sharey=True)
    for ax, (arm, colour) in zip(axes, {"R": "C0", "D": "C1"}.items()):
        mine = rows[rows.arm == arm]
        for _, course in mine.groupby("subject"):
            ax.plot(course.day, course.value, color=colour, alpha=0.35, lw=0.7)
        by_day = mine.groupby("day").value
        ax.plot(by_day.median().index, by_day.median(), color=colour, lw=2)
        ax.fill_between(by_day.median().index, by_day.quantile(0.25), by_day.quantile(0.75), color=colour, alpha=0.2)
        ax.axhline(limit, ls=":", color="grey")
        ax.set(yscale="log", title=ARMS[arm], xlabel="Day")
    first = picture(fig, f"{title}: course")
    peak = rows.loc[rows.groupby("subject").value.idxmax()].set_index("subject")
    area = rows.groupby("subject")[["day", "value"]].apply(lambda one: np.trapezoid(one.value, one.day))
    made = pd.DataFrame({"arm": peak.arm, "Peak": peak.value, "Time to peak": peak.day, "Area": area})
    fig, axes = plt.subplots(1, 2, figsize=(6.5, 3.2))
    for ax, measure in zip(axes, ("Peak", "Time to peak")):
        values = [made.loc[made.arm == arm, measure] for arm in ARMS]
        ax.boxplot(values, tick_labels=list(ARMS.values()), showfliers=False)
        for i, one in enumerate(values, 1):
            ax.plot(np.random.default_rng(1).normal(i, 0.05, len(one)), one, "o", ms=3)
        ax.set(ylabel=measure, yscale="log" if measure == "Peak" else "linear")
    table = made.groupby("arm").agg(lambda x: f"{x.median():.1f} ({x.quantile(0.25):.1f}–{x.quantile(0.75):.1f})").T
    table["P"] = [
        f"{stats.mannwhitneyu(*(made.loc[made.arm == arm, m] for arm in ARMS)).pvalue:.3f}" for m in table.index
    ]
    return [first, picture(fig, f"{title}: peak and time to peak"), table.to_html()]


def toxicity(worst: dict[str, pd.Series], arm: pd.Series, title: str) -> list[str]:
    rows, sizes = {}, arm.value_counts()
    fig, axes = plt.subplots(1, len(worst), figsize=(6.5, 2.8), squeeze=False)
    for ax, (term, grade) in zip(axes[0], worst.items()):
        counts = pd.crosstab(arm, grade, normalize="index").reindex(list(ARMS)) * 100
        counts.plot.barh(stacked=True, ax=ax, legend=False, title=term)
        row = {}
        for label, least in (("any grade", 1), ("grade 3 or more", 3)):
            hit = grade >= least
            row |= {f"{ARMS[a]}, {label}": share(int(hit[arm == a].sum()), int(sizes[a])) for a in ARMS}
            row[f"P, {label}"] = f"{fisher(pd.crosstab(hit, arm)):.3f}"
        row["P, ordered"] = f"{stats.mannwhitneyu(grade[arm == 'R'], grade[arm == 'D']).pvalue:.3f}"
        rows[term] = row
    return [picture(fig, title), pd.DataFrame(rows).T.to_html()]


def main(data: Path, out: Path, html_only: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    frames = {
        name: pd.read_csv(data / f"{name}.csv")
        for name in ("subjects", "responses", "events", "series", "gvhd", "treatments", "screening")
    }
    s = frames["subjects"]
    for column in [c for c in s if c.endswith("_date")]:
        s[column] = pd.to_datetime(s[column])
    for name in ("responses", "events", "series", "gvhd", "treatments"):
        frames[name] = frames[name].merge(s[["subject", "arm", "infusion_date"]], on="subject")
        frames[name]["day"] = (pd.to_datetime(frames[name].date) - frames[name].infusion_date).dt.days
    series = frames["series"]

    def last(analyte: str, low: int, high: int) -> pd.Series:
        rows = series[(series.analyte == analyte) & series.day.between(low, high)]
        return s.subject.map(rows.sort_values("day").groupby("subject").value.last())

    s["hsct_to_relapse"] = (s.relapse_before_date - s.hsct_date).dt.days
    s["apheresis_to_infusion"] = (s.infusion_date - s.apheresis_date).dt.days
    s["chimerism_relapse"], s["chimerism_product"] = (
        last("chimerism_marrow", -365, -1),
        last("chimerism_product", -1, 1),
    )
    s["chimerism_d28"] = last("chimerism_marrow", 21, 42)
    drugs = frames["treatments"]
    s["tocilizumab"] = s.subject.isin(drugs[(drugs.drug == "tocilizumab") & drugs.day.between(0, 30)].subject)
    steroid = (
        drugs.drug.isin(["dexamethasone", "methylprednisolone"])
        & drugs.reason.isin(["CRS", "ICANS"])
        & drugs.day.between(0, 30)
    )
    s["steroids"] = s.subject.isin(drugs[steroid].subject)
    s["second_transplant"] = s.subject.isin(drugs[(drugs.drug == "hsct") & (drugs.reason == "consolidation")].subject)

    def endpoint(name: str, events: list[str], censor: str, competing: str = "") -> None:
        event, end = s[events].min(axis=1), s[censor]
        other = s[competing] if competing else pd.Series(pd.NaT, index=s.index)
        day = pd.concat([event, other, end], axis=1).min(axis=1)
        s[f"{name}_event"] = np.where(event <= day, 1, np.where(other <= day, 2, 0))
        s[f"{name}_days"] = (day - s.infusion_date).dt.days
        s[f"{name}_months"] = s[f"{name}_days"] / MONTH

    endpoint("pfs", ["relapse_date", "progression_date", "death_date"], "last_assessment_date")
    endpoint("os", ["death_date"], "last_contact_date")
    endpoint("relapse", ["relapse_date", "progression_date"], "last_assessment_date", "death_date")

    near = frames["responses"][frames["responses"].day.between(21, 42)].assign(gap=lambda x: (x.day - 28).abs())
    near = near.sort_values("gap").groupby("subject").first()
    best = s.subject.map(near.response)
    negative = s.subject.map((near.mrd < 1e-4) & (near.mrd_sensitivity <= 1e-4)).eq(True)
    answers = {
        "CR or CRi": best.isin(["CR", "CRi"]),
        "CR": best == "CR",
        "CRi": best == "CRi",
        "MRD-negative": best.isin(["CR", "CRi"]) & negative,
    }
    response = pd.DataFrame(
        {
            k: [
                *(share(int(v[s.arm == a].sum()), int((s.arm == a).sum())) for a in ARMS),
                f"{fisher(pd.crosstab(v, s.arm)):.3f}",
            ]
            for k, v in answers.items()
        },
        index=[*ARMS.values(), "P"],
    ).T.to_html()

    events = frames["events"]
    worst = {
        t.upper(): s.subject.map(
            events[(events.term == t) & events.day.between(0, 30)].groupby("subject").grade.max()
        ).fillna(0)
        for t in ("crs", "icans")
    }
    cuts = {"anc": [0.5, 1.0, 1.5], "hb": [80, 80, 100], "platelets": [25, 50, 75]}
    names = {"anc": "Neutropenia", "hb": "Anemia", "platelets": "Thrombocytopenia"}
    low, before = {}, {}
    for analyte, limits in cuts.items():
        rows = series[series.analyte == analyte]
        grade = np.select(
            [rows.value < limits[0], rows.value < limits[1], rows.value < limits[2], rows.value < rows.lln],
            [4 if analyte != "hb" else 3, 3, 2, 1],
            0,
        )
        rows = rows.assign(grade=grade)
        low[names[analyte]] = s.subject.map(rows[rows.day.between(0, 30)].groupby("subject").grade.max())
        before[names[analyte]] = s.subject.map(rows[rows.day < 0].sort_values("day").groupby("subject").grade.last())
    shift = "".join(
        pd.crosstab([s.arm, before[term]], low[term], rownames=["arm", f"{term} before"], colnames=["worst"]).to_html()
        for term in low
    )
    counts = series[(series.analyte == "anc") & (series.day >= 0)]
    recovered = s.subject.map(counts[(counts.value > 0.5) & (counts.day > 5)].groupby("subject").day.min())
    follow = (s.last_contact_date - s.infusion_date).dt.days
    s["recovery_days"], s["recovery_event"] = recovered.fillna(follow), recovered.notna().astype(int)
    gvhd = frames["gvhd"][frames["gvhd"].day.between(0, 100)].drop_duplicates("subject").set_index("subject")
    onset = s.subject.map(gvhd.day)
    s["agvhd_days"], s["agvhd_event"] = (
        onset.fillna(follow),
        np.where(onset.notna(), 1, np.where(s.os_event == 1, 2, 0)),
    )
    organs = s[["arm", "subject"]].merge(gvhd[["skin", "liver", "upper_gi", "lower_gi"]], on="subject")
    stage = gvhd[["skin", "liver", "upper_gi", "lower_gi"]].max(axis=1)
    grade = {"Acute GVHD": s.subject.map(stage).fillna(0)}

    baseline = [
        "age",
        "sex",
        "ecog",
        "ph_pos",
        "tp53",
        "emd",
        "donor_type",
        "conditioning",
        "prior_agvhd",
        "prior_cgvhd",
        "hsct_to_relapse",
        "chimerism_relapse",
        "prior_lines",
        "prior_blinatumomab",
        "bridging",
        "blasts_bl",
        "mrd_bl",
    ]
    product = ["apheresis_to_infusion", "dose", "viability", "transduction", "chimerism_product", "chimerism_d28"]
    ticks = [0, 6, 12, 18, 24, 36, 48]
    pfs, pfs_table = survival(s, "pfs", (6, 12), ticks, "Progression-free survival")
    os_, os_table = survival(s, "os", (6, 12), ticks, "Overall survival")
    relapse = incidence(s, "relapse_months", "relapse_event", [6, 12], "Relapse or progression", "months")
    reverse = KaplanMeierFitter().fit(s.os_months, 1 - s.os_event).median_survival_time_
    flow = frames["screening"][["apheresed", "manufactured", "infused"]].sum().to_frame("patients").to_html()
    sections = [
        ("Patients", [flow, f"<p>Median follow-up {reverse:.1f} months.</p>", characteristics(s, baseline)]),
        ("Product", [characteristics(s, product)]),
        ("Response", [response]),
        (
            "Survival",
            [
                *pfs,
                *os_,
                pfs_table,
                os_table,
                *relapse,
                characteristics(s[s.death_date.notna()], ["death_cause"], test=False),
            ],
        ),
        ("CAR-T cell kinetics", kinetics(series, "cart", 50, (1, 28), "CAR transgene")),
        ("Interleukin-6", kinetics(series, "il6", 1.5, (0, 28), "Interleukin-6")),
        (
            "Toxicity",
            [
                *toxicity(worst, s.arm, "CRS and ICANS"),
                characteristics(s, ["tocilizumab", "steroids", "second_transplant"]),
            ],
        ),
        (
            "Cytopenias",
            [
                *toxicity(low, s.arm, "Cytopenias"),
                shift,
                incidence(s, "recovery_days", "recovery_event", [14, 28], "Neutrophil recovery", "days")[1],
            ],
        ),
        (
            "Acute GVHD",
            [
                *toxicity(grade, s.arm, "Acute GVHD"),
                incidence(s, "agvhd_days", "agvhd_event", [100], "Acute GVHD", "days")[0],
                characteristics(organs, ["skin", "liver", "upper_gi", "lower_gi"], test=False),
            ],
        ),
    ]
    html = PAGE.render(sections=sections)
    (out / "report.html").write_text(html, encoding="utf-8")
    if not html_only:
        from weasyprint import HTML

        HTML(string=html).write_pdf(out / "report.pdf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "html" in sys.argv[3:])
