"""Resource Development's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from datetime import datetime

from services.resources.acquiring.contracts import handlers as contract_handlers
from services.resources.acquiring.contracts.register import contracts
from services.resources.acquiring.desiderata.register import wishes
from services.resources.acquiring.donations import handlers as donations_handlers
from services.resources.acquiring.donations import pages as donations_pages
from services.resources.acquiring.donations.register import donations
from services.resources.acquiring.funds import copied as fund_copied
from services.resources.acquiring.funds import handlers as fund_handlers
from services.resources.acquiring.invoices import handlers as invoice_handlers
from services.resources.acquiring.invoices import pages as invoice_pages
from services.resources.acquiring.invoices.register import invoices
from services.resources.acquiring.ondemand import commands as on_demand
from services.resources.acquiring.ondemand import handlers as on_demand_handlers
from services.resources.acquiring.ondemand import pages as on_demand_pages
from services.resources.acquiring.onsite import pages as onsite_pages
from services.resources.acquiring.onsite.register import onsite
from services.resources.acquiring.orders import api as orders_api
from services.resources.acquiring.orders import handlers as orders_handlers
from services.resources.acquiring.orders import ledger as orders_ledger
from services.resources.acquiring.orders import pages as orders_pages
from services.resources.acquiring.orders.register import claim_late, claims, orders
from services.resources.acquiring.orders.rules import BUYERS
from services.resources.acquiring.plans.register import plans
from services.resources.acquiring.selections import api as selections_api
from services.resources.acquiring.selections import pages as selections_pages
from services.resources.acquiring.selections.rules import READERS as SELECTION_READERS
from services.resources.acquiring.serial_claims import handlers as serial_handlers
from services.resources.acquiring.serial_claims import pages as serial_pages
from services.resources.acquiring.serial_claims.register import give_up, serial_claims
from services.resources.acquiring.subscriptions.register import end_due, subscriptions
from services.resources.acquiring.suggestions import handlers as suggestions_handlers
from services.resources.acquiring.suggestions.register import suggestions
from services.resources.acquiring.suppliers.register import suppliers
from services.resources.cataloguing.authorities import heading_pages as authority_headings
from services.resources.cataloguing.authorities import import_pages as authority_imports
from services.resources.cataloguing.authorities import pages as authority_pages
from services.resources.cataloguing.authorities import runner as authority_runner
from services.resources.cataloguing.classing import pages as classing_pages
from services.resources.cataloguing.converting import pages as converting_pages
from services.resources.cataloguing.copying import commands as copying
from services.resources.cataloguing.copying import pages as copying_pages
from services.resources.cataloguing.copying.register import targets
from services.resources.cataloguing.editing import form_pages as editing_form
from services.resources.cataloguing.editing import pages as editing_pages
from services.resources.cataloguing.handover import api as handover_api
from services.resources.cataloguing.handover import handlers as handover_handlers
from services.resources.cataloguing.handover import pages as handover_pages
from services.resources.cataloguing.handover.rules import READERS as HANDOVER_READERS
from services.resources.cataloguing.imports import api as imports_api
from services.resources.cataloguing.imports import pages as imports_pages
from services.resources.cataloguing.imports import runner
from services.resources.cataloguing.imports.rules import READERS
from services.resources.cataloguing.items import api as items_api
from services.resources.cataloguing.items import disc_pages as items_disc_pages
from services.resources.cataloguing.items import handlers as items_handlers
from services.resources.cataloguing.items import ledger as items_ledger
from services.resources.cataloguing.items import pages as items_pages
from services.resources.cataloguing.items.register import locations
from services.resources.cataloguing.merging import deciding_pages as merging_deciding
from services.resources.cataloguing.merging import pages as merging_pages
from services.resources.cataloguing.merging.finding import find_nightly
from services.resources.cataloguing.oai import api as oai_api
from services.resources.cataloguing.oai import commands as oai
from services.resources.cataloguing.oai import pages as oai_pages
from services.resources.cataloguing.proofing import pages as proofing_pages
from services.resources.cataloguing.proofing.register import defect_codes
from services.resources.cataloguing.records import api as records_api
from services.resources.cataloguing.records import ledger as records_ledger
from services.resources.cataloguing.records import pages as records_pages
from services.resources.cataloguing.records.searching import items_found, records_found
from services.resources.cataloguing.sru import api as sru_api
from services.resources.cataloguing.union import pages as union_pages
from services.resources.cataloguing.union import runner as union_runner
from services.resources.cataloguing.union.register import agreements, certificates, contributions
from services.resources.cataloguing.versions import pages as versions_pages
from services.resources.collections.batches import handlers as batches_handlers
from services.resources.collections.batches import pages as batches_pages
from services.resources.collections.batches.register import batches, write_on_by_the_minute
from services.resources.collections.collation import pages as collation_pages
from services.resources.collections.evaluation import pages as evaluation_pages
from services.resources.collections.evaluation.proposals import proposals as evaluation_proposals
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.layout import pages as layout_pages
from services.resources.collections.layout.register import layout_rules
from services.resources.collections.losses import handlers as losses_handlers
from services.resources.collections.losses.following import propose_overdue
from services.resources.collections.losses.register import copies, losses
from services.resources.collections.missing.register import missing
from services.resources.collections.monthly import pages as monthly_pages
from services.resources.collections.monthly.register import holdings, open_last_month
from services.resources.collections.sightings import copied as sightings_copied
from services.resources.collections.sightings import handlers as sightings_handlers
from services.resources.collections.stocktake import api as stocktake_api
from services.resources.collections.stocktake import difference_pages as stocktake_differences
from services.resources.collections.stocktake import pages as stocktake_pages
from services.resources.collections.stocktake.register import stocktakes
from services.resources.collections.transfers import handlers as transfer_handlers
from services.resources.collections.transfers import pages as transfer_pages
from services.resources.collections.transfers.register import transfer_plans
from services.resources.collections.usage import commands as usage
from services.resources.collections.usage import handlers as usage_handlers
from services.resources.collections.weeding.register import weeding
from services.resources.receiving.acceptance import api as acceptance_api
from services.resources.receiving.acceptance import handlers as acceptance_handlers
from services.resources.receiving.acceptance import pages as acceptance_pages
from services.resources.receiving.acceptance.register import acceptances, accessions
from services.resources.workshop.binding import handlers as binding_handlers
from services.resources.workshop.binding import pages as binding_pages
from services.resources.workshop.binding.books import books as binding_books
from services.resources.workshop.binding.orders import orders as binding_orders
from services.resources.workshop.binding.register import sets as binding_sets
from services.resources.workshop.digitisation.register import prices as page_prices
from services.resources.workshop.digitisation.register import tickets as digitisation
from services.resources.workshop.production import pages as production_pages
from services.resources.workshop.repair import handlers as repair_handlers
from services.resources.workshop.repair.register import repairs
from shared import names
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.service import Service
from shared.web.pages import Area, Entry
from shared.web.register import search_router
from shared.web.rooms import rooms_router
from shared.work import Work


async def end_pools(work: Work, _due: datetime) -> None:
    """Pools of titles on demand whose day has passed."""
    await on_demand.end_due(work)


registers = [
    suggestions, onsite, wishes, orders, claims, acceptances, accessions, invoices, contracts, plans, suppliers,
    subscriptions, serial_claims, repairs, binding_sets, binding_orders, binding_books, digitisation, page_prices, donations, batches, weeding, losses, copies,
    locations, targets, defect_codes, stocktakes, missing, holdings,
    evaluations, evaluation_proposals, layout_rules, transfer_plans, contributions, certificates, agreements,
]

service = Service(
    name="resources",
    title=N_("资源建设部"),
    title_en="Resource Development",
    areas=[
        Area(N_("采访"), [
            suggestions.entry(),
            Entry(
                N_("选书单"), "/resources/selections", "list-check", SELECTION_READERS, serves=("RES-ACQ-01", "RES-ACQ-02"),
                help=N_("书商目录逐条查重、选定，另一人确认后列入待购书目"),
            ),
            on_demand_pages.ENTRY, onsite.entry(),
            Entry(
                N_("现场选书"), "/resources/on-site-picking", "scan", ("patron", "staff"), serves=("RES-ACQ-02",),
                help=N_("受邀的读者和选书人扫 ISBN 选书，当场答复"),
            ),
            wishes.entry(), orders.entry(), claims.entry(), acceptances.entry(), accessions.entry(), invoices.entry(),
            contracts.entry(), plans.entry(), suppliers.entry(), donations.entry(),
        ]),
        Area(N_("报刊"), [
            subscriptions.entry(), serial_claims.entry(),
            Entry(
                N_("报刊催缺函"), "/resources/serial-claim-letters", icon="mail-forward", who=BUYERS, serves=("RES-ACQ-01",),
                help=N_("按供货商汇总到期该催的缺期，打印、登记寄出"),
            ),
        ]),
        Area(N_("编目典藏"), [
            Entry(
                N_("书目记录"), "/resources/records", "books", serves=("RES-MGT-01", "RES-MGT-04"),
                help=N_("查书目、看原始记录、加册、改藏"),
            ),
            Entry(
                N_("批量导入"), "/resources/imports", "upload", READERS,
                serves=("RES-MGT-01", "RES-ACQ-01"), help=N_("MARC 文件先预览后导入，逐条说明结果"),
            ),
            proofing_pages.ENTRY, defect_codes.entry(), merging_pages.ENTRY, authority_pages.ENTRY, authority_headings.ENTRY,
            classing_pages.TREE, classing_pages.SHELF,
            copies.entry(), locations.entry(), layout_rules.entry(), layout_pages.ENTRY, collation_pages.ENTRY,
            Entry(
                N_("交接单"), "/resources/handovers", "package", HANDOVER_READERS,
                serves=("RES-MGT-01", "RES-ACQ-01"), help=N_("加工好的书装箱、核对、发到服务点"),
            ),
        ]),
        Area(N_("书目交换"), [
            copying_pages.ENTRY, targets.entry(), union_pages.ENTRY, contributions.entry(), certificates.entry(), agreements.entry(), oai_pages.ENTRY,
        ]),
        Area(N_("文印修补"), [repairs.entry(), binding_sets.entry(), binding_orders.entry(), binding_books.entry(), digitisation.entry(), page_prices.entry(), production_pages.ENTRY]),
        Area(N_("馆藏建设"), [batches.entry(), weeding.entry(), batches_pages.WISHES_ENTRY, batches_pages.YEAR_ENTRY, losses.entry()]),
        Area(N_("馆藏管理"), [stocktakes.entry(), stocktake_pages.ENTRY, missing.entry(), holdings.entry(), transfer_plans.entry()]),
        Area(N_("馆藏评价"), [evaluations.entry(), evaluation_proposals.entry(), evaluation_pages.READERS_ENTRY]),
    ],
    routers=[
        rooms_router("resources"), search_router("resources", registers, [records_found, items_found]),
        on_demand_pages.router, onsite_pages.router, selections_api.router, selections_pages.router,
        imports_api.router, records_api.router, items_api.router, imports_pages.router, items_pages.router, items_disc_pages.router,
        converting_pages.router, classing_pages.router, editing_pages.router, editing_form.router, versions_pages.router,
        proofing_pages.router, authority_imports.router, authority_headings.router, authority_pages.router, merging_pages.router, merging_deciding.router, records_pages.router, handover_api.router, handover_pages.router, oai_api.router,
        oai_pages.router, sru_api.router, copying_pages.router, union_pages.router,
        orders_api.router, orders_pages.router, acceptance_api.router, acceptance_pages.router, invoice_pages.router,
        serial_pages.router, stocktake_api.router, stocktake_pages.router, stocktake_differences.router, monthly_pages.router,
        evaluation_pages.router, binding_pages.router, production_pages.router, batches_pages.router, donations_pages.router,
        layout_pages.router, transfer_pages.router, collation_pages.router,
    ],
    registers=registers,
    handlers=Handlers().include(
        names.handlers, items_handlers.handlers, handover_handlers.handlers, repair_handlers.handlers, losses_handlers.handlers,
        on_demand_handlers.handlers, suggestions_handlers.handlers, fund_handlers.handlers, orders_handlers.handlers, acceptance_handlers.handlers,
        invoice_handlers.handlers, contract_handlers.handlers, serial_handlers.handlers, sightings_handlers.handlers,
        usage_handlers.handlers, binding_handlers.handlers, batches_handlers.handlers, donations_handlers.handlers, transfer_handlers.handlers,
    ),
    schedules=[
        Scheduled("resources.losses.write-off", "10 1 * * *", propose_overdue),
        Scheduled("resources.orders.claim", "20 1 * * *", claim_late),
        Scheduled("resources.on-demand.end", "5 0 * * *", end_pools),
        Scheduled("resources.merging.find", "40 2 * * *", find_nightly),
        Scheduled("resources.subscriptions.end", "25 1 * * *", end_due),
        Scheduled("resources.serial-claims.give-up", "35 1 * * *", give_up),
        Scheduled("resources.holdings.open", "40 0 1 * *", open_last_month),
        Scheduled("resources.batches.write-on", "* * * * *", write_on_by_the_minute),
        Scheduled("resources.oai.stamp", "* * * * *", oai.stamp_on_the_minute),
        Scheduled("resources.oai.forget", "20 3 * * *", oai.forget_harvests),
        Scheduled("resources.copying.forget", "30 3 * * *", copying.forget),
    ],
    demo="services.resources.demo.seed:seed",
    rebuild=usage.rebuild,
    ledgers=[items_ledger.ledger, records_ledger.ledger, orders_ledger.ledger],
    copies=[sightings_copied.copy, fund_copied.copy, names.copy],
    on_start=[runner.begin, authority_runner.begin, union_runner.begin],
    on_stop=[union_runner.end, authority_runner.end, runner.end],
)
