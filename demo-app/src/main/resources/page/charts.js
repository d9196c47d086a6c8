// Line and bar charts of the last two minutes, in SVG.

const WIDTH = 460, HEIGHT = 190;
const LEFT = 44, RIGHT = 10, TOP = 12, BOTTOM = 24;
const SPAN = 120;

function svg(name, attributes, text) {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes)) {
		element.setAttribute(key, value);
	}
	if (text !== undefined) {
		element.textContent = text;
	}
	return element;
}

// Ticks, from the axis up, and the part of the axis' length that a value takes.
function linearAxis(values, { least, whole }) {
	const [top, count] = niceTop(Math.max(least, ...values));
	const ticks = Array.from({ length: count + 1 }, (_, i) => top * i / count);
	return { ticks: whole ? ticks.filter(Number.isInteger) : ticks, part: (value) => value / top };
}

function logAxis(values) {
	const low = Math.min(-1, Math.floor(Math.log10(Math.min(1, ...values))));
	const high = Math.max(2, Math.ceil(Math.log10(Math.max(1, ...values))));
	return {
		ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
		part: (value) => Math.max(0, (Math.log10(Math.max(value, 1e-9)) - low) / (high - low)),
	};
}

// The round number that is no less than the value, and into how many round steps it falls.
function niceTop(value) {
	const power = 10 ** Math.floor(Math.log10(value));
	const steps = [[1, 4], [1.5, 3], [2, 4], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 5]];
	const [top, count] = steps.find(([step]) => step * power >= value * 0.999);
	return [top * power, count];
}

export function format(value) {
	if (value === null || value === undefined) {
		return '–';
	}
	return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}

/**
 * A chart in a figure.
 * figure: the element, options: title, unit, least (of the axis' top), whole (numbers only),
 * log (a logarithmic axis), bars (instead of lines), series: [{key, name, class, area}].
 */
export class Chart {

	constructor(figure, options) {
		this.options = options;
		const caption = document.createElement('figcaption');
		const title = document.createElement('h2');
		title.textContent = options.title;
		caption.append(title);
		this.legend = document.createElement('p');
		this.legend.className = 'legend';
		this.values = new Map();
		for (const series of options.series) {
			const item = document.createElement('span');
			item.className = 'key ' + series.class;
			const value = document.createElement('b');
			this.values.set(series.key, value);
			item.append(series.name + ' ', value);
			this.legend.append(item);
		}
		caption.append(this.legend);
		this.canvas = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': options.title });
		figure.replaceChildren(caption, this.canvas);
	}

	draw(seconds, now) {
		const { title, series, unit, bars } = this.options;
		const visible = seconds.filter((second) => now - second.at <= SPAN * 1000);
		const values = visible.flatMap((second) => series.map(({ key }) => second[key] ?? 0)).filter((value) => value > 0);
		const { ticks, part } = this.options.log ? logAxis(values) : linearAxis(values, this.options);
		const x = (at) => LEFT + (WIDTH - LEFT - RIGHT) * (1 - (now - at) / 1000 / SPAN);
		const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part(value);
		const parts = ticks.flatMap((value, i) => [
			svg('line', { class: i ? 'grid' : 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
			svg('text', { class: 'tick end', x: LEFT - 6, y: y(value) + 4 }, format(value))]);
		for (const ago of [120, 90, 60, 30, 0]) {
			parts.push(svg('text', { class: ago ? 'tick' : 'tick end', x: x(now - ago * 1000), y: HEIGHT - 6 }, ago ? `−${ago} s` : 'now'));
		}
		if (!bars) {
			for (const second of visible.filter((second) => second.panics)) {
				parts.push(svg('line', { class: 'mark', x1: x(second.at), x2: x(second.at), y1: TOP, y2: HEIGHT - BOTTOM }));
			}
		}
		for (const line of series) {
			parts.push(...(bars ? columns(visible, line, x, y) : curve(visible, line, x, y)));
			this.values.get(line.key).textContent = format(seconds.at(-1)?.[line.key]) + (unit ? ' ' + unit : '');
		}
		this.canvas.replaceChildren(...parts);
		this.canvas.setAttribute('aria-label', `${title}, the last two minutes, at most ${format(Math.max(0, ...values))} ${unit}`.trim());
	}

}

// A second without a value leaves a gap.
function curve(seconds, line, x, y) {
	const runs = [[]];
	for (const second of seconds) {
		const value = second[line.key];
		if (value === null || value === undefined) {
			runs.push([]);
		}
		else {
			runs.at(-1).push([x(second.at).toFixed(1), y(value).toFixed(1)]);
		}
	}
	return runs.filter((run) => run.length).flatMap((run) => {
		const path = run.map((point) => point.join(',')).join(' L');
		const parts = [svg('path', { class: 'line ' + line.class, d: 'M' + path + (run.length > 1 ? '' : 'h.1') })];
		if (line.area) {
			parts.unshift(svg('path', { class: 'area ' + line.class, d: `M${run[0][0]},${y(0)} L${path} L${run.at(-1)[0]},${y(0)}Z` }));
		}
		return parts;
	});
}

function columns(seconds, line, x, y) {
	return seconds.filter((second) => second[line.key]).map((second) => svg('rect', {
		class: 'bar ' + line.class, x: (x(second.at) - 1.5).toFixed(1), width: 3, rx: 1,
		y: y(second[line.key]).toFixed(1), height: Math.max(1, y(0) - y(second[line.key])).toFixed(1) }));
}
