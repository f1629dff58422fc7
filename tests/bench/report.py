"""The figures as one table a person can read beside the raw limits."""

from __future__ import annotations

from typing import Any

# Measured by us on a machine of this kind: Koha 19.05, two cores, everything on it, no fines, no holds.
KOHA_RECORDS_PER_SECOND = 27
KOHA = (
    "Koha over SIP2 on a calm machine of this kind: 11-14 ops/s and 70-87 ms CPU/op at 1 client, 16-20 ops/s, check-out p50 "
    "543-662 ms, check-in p50 291-400 ms and 100-127 ms CPU/op at 8"
)


def table(found: dict[str, Any]) -> str:
    """Everything measured, part by part."""
    box, parts = found["machine"], found["parts"]
    lines = [
        (f"{box['cpu']}, {box['cores']} cores, {box['memory_gib']} GiB, {box['system']}, Python {box['python']}; "
        f"load before {box['load_before']}, after {found['load_after']}"),
        f"commit {found['versions']['commit']}; " + ", ".join(
            f"{name} {number}" for name, number in found["versions"].items() if name != "commit"
        ),
        f"on: {found['switched_on']}", f"data before: {found.get('data', {})}",
        "foreign = processor used by others, % of one core; latencies from the calmest window, rates from the best.",
        *(["QUICK RUN: too few samples to quote."] if found["quick"] else []),
    ]
    for name, figures in parts.items():
        lines += ["", f"── {name} ({figures['took_seconds']} s) " + "─" * 40]
        if "failed" in figures:
            lines.append(f"FAILED: {figures['failed']}")
        elif "skipped" in figures:
            lines.append(f"skipped: {figures['skipped']}")
        else:
            lines += globals()[f"_{name}"](figures, parts)
    return "\n".join(lines)


def _rows(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    """Columns as wide as what stands in them."""
    words = [head, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[n]) for row in words) for n in range(len(head))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in words]


def _spread(figures: dict[str, Any]) -> str:
    return f"{figures['p50_ms']}/{figures['p95_ms']}/{figures['p99_ms']}"


def _raw(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    stream = figures["jetstream_publish"]
    return [
        *(f"pgbench simple update, {one['clients']} clients: {one['per_second']} transactions/s"
          for one in figures["pgbench_simple_update"]),
        *(f"FastAPI hello, {one['clients']} clients: {one['per_second']}/s, p50/p95/p99 {_spread(one)} ms, "
          f"{one['cpu_ms_per_operation']} ms CPU" for one in figures["fastapi_hello"]),
        (f"JetStream publish, each synced: {stream['one_in_flight_per_second']}/s one in flight, "
        f"{stream['64_in_flight_per_second']}/s with 64"),
    ]


def _desk(figures: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    limits = parts.get("raw", {})
    hello = {one["clients"]: one["per_second"] for one in limits.get("fastapi_hello", ())}
    disk = max((one["per_second"] for one in limits.get("pgbench_simple_update", ())), default=0)
    rows = []
    for level in figures["levels"]:
        cpu, rate = level["cpu_ms_per_operation"], level["per_second"]
        rows.append((
            level["clients"], rate, _spread(level["loan"]), _spread(level["return"]),
            level["loan"]["n"] + level["return"]["n"], cpu["all"],
            "/".join(str(cpu[name]) for name in ("reader", "postgres", "gateway", "nats", "others")),
            level["foreign_cpu_percent"], level["generator_cpu_percent"], level["seconds_until_all_heard"],
            f"1/{hello[level['clients']] / rate:.0f}" if hello else "–", f"1/{disk / rate:.0f}" if disk else "–",
        ))
    return [*_rows(
        ("clients", "ops/s", "loan p50/95/99 ms", "return p50/95/99 ms", "n", "CPU ms/op",
         "reader/postgres/gateway/nats/others", "foreign%", "generator%", "heard s", "of hello", "of pgbench"), rows,
    ), _at_pace(figures["paced"]), f"the idle suite uses {figures['idle_cpu_percent']} % of one core; it is part of the CPU column", KOHA]


def _at_pace(paced: dict[str, Any]) -> str:
    return (
        f"{paced['clients']} desks, each a scan a second ({paced['per_second']} ops/s): loan p50/95/99 {_spread(paced['loan'])} ms, "
        f"return {_spread(paced['return'])} ms (n={paced['loan']['n'] + paced['return']['n']}, foreign {paced['foreign_cpu_percent']} %)"
    )


def _selfcheck(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    rows = []
    for level in figures["levels"]:
        cpu = dict(level["cpu_ms_per_operation"])
        rows.append((
            level["machines"], level["per_second"], _spread(level["loan"]), _spread(level["return"]),
            level["loan"]["n"] + level["return"]["n"], cpu["all"],
            "/".join(str(cpu[name]) for name in ("selfcheck", "reader", "postgres", "gateway", "office", "nats")),
            level["foreign_cpu_percent"], level["generator_cpu_percent"],
        ))
    lost = figures["lost_answers"]
    return [*_rows(
        ("machines", "ops/s", "loan p50/95/99 ms", "return p50/95/99 ms", "n", "CPU ms/op",
         "selfcheck/reader/postgres/gateway/office/nats", "foreign%", "generator%"), rows,
    ), (
        f"{lost['machines']} machines on bad lines ({lost['lost_percent']} % of the answers lost, {lost['answers_cut']} in all): "
        f"{lost['per_second']} ops/s, loan p50/95/99 {_spread(lost['loan'])} ms, return {_spread(lost['return'])} ms, from the first "
        f"asking to the answer after a loss {_spread(lost['until_answered_after_a_loss'])} ms "
        f"(n={lost['until_answered_after_a_loss']['n']}); {lost['loans_wanted']} loans wanted, {lost['loans_made']} made: "
        f"{lost['double_loans']} double loans, {lost['not_returned']} not returned, {lost['renewed_by_mistake']} renewals by mistake"
    ), KOHA]


def _flatness(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    rows = [
        (what, size, _spread(one["loan"]), _spread(one["return"]), one["loan"]["n"])
        for what, compared in figures.items() if isinstance(compared, dict)
        for size, one in compared["sizes"].items()
    ]
    ratios = [
        f"{what}: loan p50 ×{one['loan_p50_ratio']} p95 ×{one['loan_p95_ratio']}, "
        f"return p50 ×{one['return_p50_ratio']} p95 ×{one['return_p95_ratio']}"
        for what, one in figures.items() if isinstance(one, dict)
    ]
    return [*_rows(("what", "size", "loan p50/95/99 ms", "return p50/95/99 ms", "n"), rows), *ratios]


def _lag(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    busy = figures["under_load"]
    return [
        (f"damage report sent → repair job on the workshop's list: p50/p95/p99 {_spread(figures['at_rest'])} ms "
        f"(n={figures['at_rest']['n']}) at rest; {_spread(busy)} ms (n={busy['n']}) beside "
        f"{busy['operations_per_second_beside']} desk operations/s"),
    ]


def _work(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    return [
        f"{figures['cases']} open cases, first page of a person with {one['waiting_for_this_person']}: "
        f"p50/p95/p99 {_spread(one)} ms (n={one['n']}, foreign {one['foreign_cpu_percent']} %)"
        for one in (figures["own_share"], figures["all_of_them"])
    ]


def _imports(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    cpu = ", ".join(f"{part} {ms}" for part, ms in figures["cpu_ms_per_record"].items() if ms >= 0.1)
    read, lendable = figures["records_per_second"], figures["records_per_second_until_lendable"]
    return [
        (f"{figures['records']} records with {figures['items']} items: {read}/s until the job is done, "
        f"{lendable}/s until the desk can lend the last copy; "
        f"{sum(figures['cpu_ms_per_record'].values()):.1f} ms CPU a record ({cpu}); "
        f"everybody has heard after {figures['seconds_until_all_heard']} s"),
        (f"pymarc merely reading them: {figures['pymarc_reads_per_second']}/s (1/{figures['pymarc_reads_per_second'] / read:.0f}); "
        f"Koha on a machine of this kind: {KOHA_RECORDS_PER_SECOND}/s (×{read / KOHA_RECORDS_PER_SECOND:.1f})"),
    ]


def _plain(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    """A part that says its figures by name."""
    return [
        f"{name.replace('_', ' ')}: " + (
            ", ".join(f"{n.replace('_', ' ')} {v}" for n, v in value.items()) if isinstance(value, dict) else f"{value}"
        )
        for name, value in figures.items() if name not in {"took_seconds", "kinds"}
    ]


def _oai(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    folio = figures["folio_records_per_second"]
    return [
        f"{figures['records']} records, {figures['page']} an answer; the department's memory before: {figures['pss_before_mib']} MiB PSS",
        *(f"{prefix}: {one['records']} records in {one['seconds']} s, {one['records_per_second']}/s, {one['mib']} MiB, "
          f"{one['cpu_ms_per_record']} ms CPU a record, slowest answer {one['slowest_answer_ms']} ms, "
          f"memory at its highest {one['pss_highest_mib']} MiB PSS" for prefix, one in figures["harvests"].items()),
        f"FOLIO (published, its own machines): about {folio}/s",
    ]


def _campus(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    rows = [
        (what.replace("_", " "), figures["rows"], one["look_seconds"], one["apply_seconds"],
         round(figures["rows"] / one["apply_seconds"]) if one["apply_seconds"] else "–")
        for what, one in figures.items() if isinstance(one, dict) and "look_seconds" in one
    ]
    memory = figures["reader_mib"]
    return [*_rows(("card file", "rows", "look s", "take up s", "rows/s"), rows), (
        f"the department's memory {memory['before']} MiB before, {memory['at_most']} MiB at its highest; "
        f"everybody has heard {figures['heard_by_all_seconds_after']} s after"
    )]


def _stretch(one: dict[str, Any]) -> str:
    used = f"; suite {one['suite_percent']} % of a core ({one['most_used']} most), others {one['foreign_cpu_percent']} %" if "suite_percent" in one else ""
    worst = max(one["kinds"].items(), key=lambda pair: pair[1]["p95_ms"], default=("", {"p95_ms": 0}))
    return (
        f"{one['per_second']} requests/s, slowest p95 {worst[1]['p95_ms']} ms ({worst[0]}), let in late p95 {one['late']['p95_ms']} ms, "
        f"failed {sum(one['failed'].values())}{used}: {'carried' if one['carried'] else 'NOT carried'}"
    )


def _day(figures: dict[str, Any], _parts: dict[str, Any]) -> list[str]:
    day = figures["day"]
    rows = [(kind, one["n"], _spread(one)) for kind, one in day["kinds"].items()]
    return [
        f"a day of {figures['campus']['patrons']} patrons, {figures['seconds_of_each_hour']:g} s of each hour {figures['day_faster']:g} times faster: {_stretch(day)}",
        *_rows(("kind", "n", "p50/95/99 ms"), rows),
        *(f"failed: {why} ({times})" for why, times in day["failed"].items()),
        *([(f"CPU in % of one core: {day['cpu_percent']}; {day['cpu_ms_per_request']} ms a request; {day['cpu_seconds_per_1000_loans']} s a 1,000 "
           f"loans with all else of the day; at most {day['sessions_at_most']} sessions, {day['sessions_at_work_at_most']} at work, "
           f"{day['waiting_for_locks_at_most']} waiting for locks, {day['facts_unheard_at_most']} facts unheard")] if "cpu_percent" in day else []),
        f"night jobs, all at once: {figures['night']}",
        *(f"busiest hour ({figures['busiest_hour']} o'clock) ×{one['times_faster']:g}: {_stretch(one)}" for one in figures["steps"]),
        *(f"morning of the freshmen ×{one['times_faster']:g}: {_stretch(one)}" for one in figures["freshmen"]),
        f"carries {figures['carries_busiest_hour_times']:g} times the busiest hour, {figures['carries_freshmen_times']:g} times the morning of the freshmen",
    ]


_events = _search = _hop = _holdings = _order = _weeding = _plain
