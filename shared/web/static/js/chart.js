// The chart library, tree-shaken: drawn as SVG, coloured by the page's own tokens.
import { BarChart, HeatmapChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, HeatmapChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

function token(name) {
  return getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
}

function look() {
  const dark = document.documentElement.dataset.bsTheme === "dark";
  return {
    colours: [token("accent"), dark ? "#f2a65a" : "#c2680a", dark ? "#6cd3a0" : "#2a8a63", dark ? "#f29ac6" : "#ad3f7f", dark ? "#86b7ff" : "#4b78c9", dark ? "#c4b4fb" : "#7a62c8"],
    ink: token("ink"), soft: token("ink-3"), line: token("line"), card: token("card"), wash: token("accent-wash"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

const axisText = (style) => ({ color: style.soft, fontFamily: style.font, fontSize: 12 });

function series(one, index, kind, style, stack) {
  const own = one.kind || kind;
  const base = { name: one.name, data: one.data, stack: stack ? "all" : undefined };
  if (own === "bar") return { ...base, type: "bar", barMaxWidth: 22, itemStyle: { borderRadius: stack ? 0 : [3, 3, 0, 0] } };
  const area = (kind === "area" || (kind === "line" && index === 0)) && { color: style.colours[index % 6], opacity: 0.09 };
  return { ...base, type: "line", smooth: 0.25, symbol: "circle", symbolSize: 5, showSymbol: one.data.length < 3, lineStyle: { width: 2 }, areaStyle: area || undefined };
}

function pie(data, style) {
  const values = data.series[0].data.map((value, i) => ({ name: String(data.x[i]), value }));
  return {
    tooltip: { trigger: "item", ...tip(style) },
    legend: { ...legend(style), orient: "vertical", right: 0, top: "middle" },
    series: [{ type: "pie", name: data.series[0].name, radius: ["48%", "74%"], center: ["36%", "50%"], data: values, label: { show: false }, itemStyle: { borderColor: style.card, borderWidth: 2 } }],
  };
}

const tip = (style) => ({
  // Drawn as text in the chart itself: no markup, so no inline styles to allow.
  renderMode: "richText", backgroundColor: style.card, borderColor: style.line, borderWidth: 1,
  textStyle: { color: style.ink, fontFamily: style.font, fontSize: 12 },
});
const legend = (style) => ({ icon: "roundRect", itemWidth: 11, itemHeight: 11, itemGap: 14, textStyle: axisText(style) });

function cartesian(data, kind, style) {
  const many = data.series.length > 1;
  return {
    grid: { left: 4, right: 10, top: many ? 38 : 14, bottom: 2, containLabel: true },
    tooltip: { trigger: "axis", ...tip(style) },
    legend: many ? { ...legend(style), top: 0, right: 0 } : undefined,
    xAxis: { type: "category", data: data.x, boundaryGap: kind === "bar" || data.series.some((one) => one.kind === "bar"), axisLine: { lineStyle: { color: style.line } }, axisTick: { show: false }, axisLabel: { ...axisText(style), hideOverlap: true } },
    yAxis: { type: "value", name: data.unit || "", nameTextStyle: axisText(style), splitLine: { lineStyle: { color: style.line } }, axisLabel: axisText(style), minInterval: data.whole === false ? 0 : 1 },
    series: data.series.map((one, i) => series(one, i, kind, style, data.stack)),
  };
}

/** Draw (or redraw) `data` in `box`; returns the chart to hand back next time. */
window.guanwuChart = (box, data, kind, old) => {
  const style = look();
  const chart = old || init(box, null, { renderer: "svg" });
  if (!old) new ResizeObserver(() => !chart.isDisposed() && chart.resize()).observe(box);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption({
    color: style.colours, textStyle: { fontFamily: style.font }, animation: !still, animationDuration: 350,
    aria: { enabled: true, label: { description: box.getAttribute("aria-label") || undefined } },
    ...(kind === "pie" ? pie(data, style) : cartesian(data, kind, style)),
  }, true);
  return chart;
};
