// The one script of every page: htmx, and small modules that listen on the document.
// Nothing here builds a page; without it every page still reads and submits.
import htmx from "htmx.org/dist/htmx.esm.js";
import * as badges from "./badges.js";
import * as bell from "./bell.js";
import * as charts from "./charts.js";
import * as dialogs from "./dialogs.js";
import * as fields from "./fields.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as marc from "./marc.js";
import * as offline from "./offline.js";
import * as outbox from "./outbox.js";
import * as palette from "./palette.js";
import * as prefs from "./prefs.js";
import * as requests from "./requests.js";
import * as rows from "./rows.js";
import * as scan from "./scan.js";
import * as toasts from "./toasts.js";

const parts = [
  requests, prefs, toasts, dialogs, palette, rows, fields, charts, badges, bell, live, offline, outbox, scan, marc, keys,
];

function start() {
  for (const part of parts) {
    part.start(htmx);
    part.dress?.(document);
  }
  // Whatever a swap brings in gets the same treatment as the first page.
  document.addEventListener("htmx:after:process", (event) => {
    const root = event.target instanceof Element ? event.target : document;
    for (const part of parts) part.dress?.(root);
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
