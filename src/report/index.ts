/** Plots and pages from plain data, as SVG and HTML text. Reads no files or pictures. */
export { type BarChart, type BarNote, type BarSeries, barChart, type Histogram, histogram } from './bars.js';
export { type BoxGroup, type BoxPlot, boxPlot, type Quartiles, quartiles } from './box.js';
export { type DensityPlot, densityPlot } from './density.js';
export { decimalsOf, formatBytes, formatDuration, formatNumber, formatShare } from './format.js';
export { figure, type PlotText } from './frame.js';
export { type Content, escapeText, Html, html, join, trusted } from './html.js';
export { type LineMark, type LinePlot, type LineSeries, linePlot } from './lines.js';
export { gallery, type Page, type Picture, renderPage, type Section } from './page.js';
export { type ScatterPlot, type ScatterSeries, scatterPlot } from './scatter.js';
export { type Column, type HeatTable, heatTable, type Table, table } from './table.js';
