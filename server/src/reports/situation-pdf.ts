import { createRequire } from 'node:module';
import type { SituationReport } from '@ioc/contract';
import PDFDocument from 'pdfkit';
import {
  changeOf,
  communesWith,
  communeWords,
  dayAndTime,
  figure,
  notableRivers,
  REPORT_WORDS,
  riverWords,
  shortMoment,
  workWords,
  type ReportLanguage,
} from './report-words.js';

/*
 * The report on one page of A4, with Be Vietnam Pro (SIL Open Font License) embedded as far as it is used: the fonts that every
 * reader has know no Vietnamese. Nothing flows onto a second page: each section has its room, and says how much it left out.
 */
const require = createRequire(import.meta.url);
const FONTS = {
  regular: require.resolve('@expo-google-fonts/be-vietnam-pro/400Regular/BeVietnamPro_400Regular.ttf'),
  bold: require.resolve('@expo-google-fonts/be-vietnam-pro/700Bold/BeVietnamPro_700Bold.ttf'),
} as const;

const MARGIN = 36;
const WIDTH = 595.28 - 2 * MARGIN;
const BOTTOM = 841.89 - MARGIN;
const INK = '#1b2430';
const QUIET = '#5b6673';
const RULE = '#c4ccd6';
const ALERT = '#a3161a';
const LINE = 11.5;
const SIZE = 8.5;
/** Room for the name of an item, and for what is said of it. */
const NAME_WIDTH = 142;
const ITEM_WIDTH = WIDTH - NAME_WIDTH;

/** The page as bytes of a PDF. */
export function situationPdf(report: SituationReport, language: ReportLanguage): Promise<Buffer> {
  const words = REPORT_WORDS[language];
  const document = new PDFDocument({
    size: 'A4',
    // Text that would pass the bottom margin makes a new page by itself; this page has none, and sections end above it.
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: 0 },
    lang: language,
    info: { Title: `${words.title} ${dayAndTime(report.at)}`, CreationDate: new Date(report.at) },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  new SituationPage(document, report, language).draw();
  document.end();
  return done;
}

interface Column {
  readonly x: number;
  readonly width: number;
  readonly align?: 'left' | 'right';
}

class SituationPage {
  readonly #words;
  #y = MARGIN;

  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly report: SituationReport,
    private readonly language: ReportLanguage,
  ) {
    this.#words = REPORT_WORDS[language];
    document.registerFont('regular', FONTS.regular).registerFont('bold', FONTS.bold);
  }

  draw(): void {
    this.#header();
    this.#stations();
    this.#communes();
    this.#network();
    this.#rivers();
    this.#work();
    this.#footer();
  }

  #header(): void {
    const { report } = this;
    const words = this.#words;
    this.#text(words.title, { size: 16, bold: true, height: 21 });
    this.#text(words.province, { size: 9, color: QUIET, height: 14 });
    const compared =
      report.comparedWith === null ? words.first : `${words.comparedWith} ${dayAndTime(report.comparedWith)}`;
    this.#text(`${words.asOf} ${dayAndTime(report.at)} · ${compared}`, {
      size: 10.5,
      bold: true,
      height: 16,
    });
    if (report.simulated) this.#text(words.simulated, { size: 10, bold: true, color: ALERT, height: 15 });
    if (!report.seeing) this.#text(words.notSeeing, { size: 9.5, bold: true, color: ALERT, height: 15 });
  }

  #stations(): void {
    const words = this.#words;
    this.#heading(words.stations);
    const x = [0, 140, 200, 265, 325, 393, 455].map((offset) => MARGIN + offset);
    const columns: readonly Column[] = x.map((left, index) => ({
      x: left,
      width: (x[index + 1] ?? MARGIN + WIDTH) - left - 4,
      align: index === 0 ? 'left' : 'right',
    }));
    const heads = [words.operator, words.total, words.down, words.change, words.onBattery, words.restored, words.blind];
    this.#row(columns, heads, { color: QUIET, size: 7.5 });
    const lines = this.report.stations;
    for (const line of lines.slice(0, 9)) {
      this.#row(
        columns,
        [
          line.owner === null ? words.all : line.ownerName,
          figure(line.total, this.language),
          figure(line.down, this.language),
          changeOf(line.down, line.downBefore),
          figure(line.onBattery, this.language),
          figure(line.restored, this.language),
          figure(line.blind, this.language),
        ],
        { bold: line.owner === null },
      );
    }
    this.#more(lines.length - 9);
  }

  #communes(): void {
    const words = this.#words;
    const isolated = communesWith(this.report, 'isolated');
    const nearly = communesWith(this.report, 'nearlyIsolated');
    this.#heading(`${words.isolated}: ${isolated.length} · ${words.nearlyIsolated}: ${nearly.length}`);
    if (isolated.length + nearly.length === 0) this.#item(words.noneIsolated, '');
    const room = 20;
    const shown = [...isolated, ...nearly].slice(0, room);
    for (const commune of shown) {
      this.#item(commune.name, communeWords(commune, this.report, this.language), {
        alert: commune.impact === 'isolated',
      });
    }
    this.#more(isolated.length + nearly.length - shown.length);
    if (this.report.communesRestored.length > 0) {
      const names = this.report.communesRestored.map(({ name }) => name);
      this.#item(words.communesRestored, this.#fitted(names, 2), { lines: 2 });
    }
  }

  #network(): void {
    const { report } = this;
    const words = this.#words;
    const { hubs, links, blindGateways } = report;
    const change = changeOf(links.down, links.downBefore);
    this.#heading(
      `${words.hubs}: ${hubs.down.length}${words.of}${hubs.total} · ${words.links}: ${links.down}${words.of}${links.total}${change === '' ? '' : ` (${change})`}`,
    );
    const named = (items: readonly { readonly name: string; readonly since: string }[], lines: number) =>
      this.#fitted(
        items.map(({ name, since }) => `${name} (${shortMoment(since, report)})`),
        lines,
      );
    this.#item(words.hubs, hubs.down.length === 0 ? words.noneDown : named(hubs.down, 2), { lines: 2 });
    this.#item(words.links, links.down === 0 ? words.noneDown : named(links.downCommunes, 3), { lines: 3 });
    if (blindGateways.length > 0) this.#item(words.gateways, named(blindGateways, 1), { alert: true });
  }

  #rivers(): void {
    const words = this.#words;
    this.#heading(words.rivers);
    const rivers = notableRivers(this.report);
    if (rivers.length === 0) this.#item(words.riversNormal, '');
    const columns: readonly Column[] = [0, 1].map((index) => ({
      x: MARGIN + (index * WIDTH) / 2,
      width: WIDTH / 2 - 6,
    }));
    const shown = rivers.slice(0, 10);
    for (let index = 0; index < shown.length; index += 2) {
      const pair = shown.slice(index, index + 2).map((river) => riverWords(river, this.report, this.language));
      this.#row(columns, pair, { size: 7.2 });
    }
    this.#more(rivers.length - shown.length);
  }

  /** Takes what room is left. */
  #work(): void {
    const words = this.#words;
    const { work } = this.report;
    this.#heading(`${words.work}: ${work.length}`);
    if (work.length === 0) this.#item(words.noWork, '');
    const room = Math.max(0, Math.floor((BOTTOM - 22 - this.#y) / LINE) - 1);
    const shown = work.slice(0, work.length > room ? Math.max(0, room - 1) : room);
    const columns: readonly Column[] = [
      { x: MARGIN, width: WIDTH * 0.43 - 6 },
      { x: MARGIN + WIDTH * 0.43, width: WIDTH * 0.57 },
    ];
    for (const line of shown) {
      this.#row(columns, [line.title[this.language], workWords(line, this.report, this.language)], { size: 7.5 });
    }
    this.#more(work.length - shown.length);
  }

  #footer(): void {
    const words = this.#words;
    this.#y = BOTTOM - 12;
    const { simulated, at } = this.report;
    const about = [...(simulated ? [words.simulated] : []), dayAndTime(at), words.page(1, 1)].join(' · ');
    const style: TextStyle = { size: 7, color: QUIET };
    this.#put(words.estimates, { x: MARGIN, width: WIDTH * 0.62 }, style);
    this.#put(about, { x: MARGIN + WIDTH * 0.62, width: WIDTH * 0.38, align: 'right' }, style);
  }

  #heading(text: string): void {
    this.#y += 7;
    this.document
      .moveTo(MARGIN, this.#y)
      .lineTo(MARGIN + WIDTH, this.#y)
      .lineWidth(0.6)
      .stroke(RULE);
    this.#y += 4;
    this.#text(text, { size: 10, bold: true, height: 15 });
  }

  /** A bold name and what is said of it, on one line unless told; what is too long ends in an ellipsis. */
  #item(name: string, text: string, { alert = false, lines = 1 }: { alert?: boolean; lines?: number } = {}): void {
    const nameWidth = text === '' ? WIDTH : NAME_WIDTH;
    this.#put(name, { x: MARGIN, width: nameWidth - 6 }, { bold: text !== '', color: alert ? ALERT : INK });
    if (text === '') {
      this.#y += LINE;
      return;
    }
    const column = { x: MARGIN + NAME_WIDTH, width: ITEM_WIDTH };
    this.document.font('regular').fontSize(SIZE);
    const needed = Math.ceil(this.document.heightOfString(text, { width: column.width }) / LINE);
    const used = Math.min(Math.max(needed, 1), lines);
    this.#put(text, column, {}, used);
    this.#y += LINE * used;
  }

  /** As many of these as fit into so many lines of an item, and how many do not. */
  #fitted(names: readonly string[], lines: number): string {
    this.document.font('regular').fontSize(SIZE);
    for (let count = names.length; count > 0; count -= 1) {
      const left = names.length - count;
      const text = [...names.slice(0, count), ...(left > 0 ? [this.#words.andMore(left)] : [])].join(', ');
      if (this.document.heightOfString(text, { width: ITEM_WIDTH, lineGap: 0 }) <= LINE * lines) return text;
    }
    return this.#words.andMore(names.length);
  }

  #row(columns: readonly Column[], cells: readonly string[], style: TextStyle = {}): void {
    cells.forEach((cell, index) => {
      const column = columns[index];
      if (column !== undefined) this.#put(cell, column, style);
    });
    this.#y += LINE;
  }

  #more(count: number): void {
    if (count > 0) this.#item(this.#words.andMore(count), '');
  }

  #text(text: string, style: TextStyle & { readonly height: number }): void {
    this.#put(text, { x: MARGIN, width: WIDTH }, style);
    this.#y += style.height;
  }

  #put(text: string, { x, width, align = 'left' }: Column, style: TextStyle = {}, lines = 1): void {
    const { size = SIZE, bold = false, color = INK } = style;
    this.document
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(color)
      .text(text, x, this.#y, { width, align, height: lines === 1 ? size : LINE * lines, ellipsis: true, lineGap: 0 });
  }
}

interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
}
