"""The gate before a promotion: what an evaluation must have shown. Who may overrule it is left to the promotion."""

from catalog_embeddings.domain.evaluation import EvaluationReport, Figure, GateVerdict

#: A version may rank worse than the one it replaces by so much NDCG, unless the settings say otherwise.
MAX_NDCG_DROP = 0.01


def passes_gate(report: EvaluationReport, max_ndcg_drop: float = MAX_NDCG_DROP) -> GateVerdict:
    """Whether a version ranks no worse than the one it was compared with.

    The mean NDCG over all judged queries decides. The condensed one only warns: it says what would be, were all
    unjudged items as good as the judged ones.
    """
    if report.judged is None:
        return GateVerdict("unknown", f"version {report.version} was evaluated without judgments")
    if report.against is None:
        return GateVerdict("unknown", f"version {report.version} was compared with no other")
    measures = report.judged.strata[0].measures
    raw, condensed = measures[f"ndcg@{report.k}"], measures[f"condensed_ndcg@{report.k}"]
    passed = _change(raw) >= -max_ndcg_drop
    reason = (
        f"NDCG@{report.k} of {report.version} is {raw.version:.3f}, that of {report.against} {raw.against:.3f}: "
        f"a change of {_change(raw):+.3f} [{raw.low:+.3f}, {raw.high:+.3f}], at least {-max_ndcg_drop:+.3f} is asked"
    )
    if passed != (_change(condensed) >= -max_ndcg_drop):
        judged = measures[f"judged@{report.k}"]
        reason += (
            f"; of judged items alone it is {_change(condensed):+.3f}, so unjudged items decide here "
            f"(judged@{report.k} {judged.version:.2f} and {judged.against:.2f}): judge more of them"
        )
    return GateVerdict("passed" if passed else "failed", reason)


def _change(figure: Figure) -> float:
    # A drop of exactly what is allowed passes, whatever the last bit of the difference says.
    return round(figure.difference or 0.0, 9)
