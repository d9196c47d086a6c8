// Asks for the state twice a second and shows it; fires panics.

import { Chart, format } from './charts.js';
import { element, showFailure, showPanics, showShots } from './panics.js';

const POLL = 500, PATIENCE = 3000;
const byId = (id) => document.getElementById(id);

const charts = [
	new Chart(byId('chart-rate'), { title: 'Requests', unit: '/s', least: 10,
		series: [{ key: 'rate', name: 'ended', class: 'c1', area: true }] }),
	new Chart(byId('chart-latency'), { title: 'Latency (log)', unit: 'ms', log: true,
		series: [{ key: 'p99', name: 'p99', class: 'c3' }, { key: 'p90', name: 'p90', class: 'c2' }, { key: 'p50', name: 'p50', class: 'c1' }] }),
	new Chart(byId('chart-in-flight'), { title: 'In flight', unit: '', least: 5, whole: true,
		series: [{ key: 'inFlight', name: 'most at once', class: 'c1', area: true }] }),
	new Chart(byId('chart-panics'), { title: 'Panics', unit: '', least: 4, whole: true, bars: true,
		series: [{ key: 'panics', name: 'in the last second', class: 'c4' }] }),
];

let started;

async function ask(path) {
	const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
	if (!answer.ok) {
		throw new Error(`${path}: ${answer.status}`);
	}
	return answer.json();
}

function showSetup(setup) {
	const option = (value, text) => Object.assign(element('option', '', text), { value });
	byId('phase').replaceChildren(option('any', 'any, by chance'),
		...setup.phases.map(({ name, request }) => option(name, `${name} (${request})`)));
	byId('kind').replaceChildren(option('any', 'any, by chance'), ...setup.kinds.map((kind) => option(kind, kind)));
	byId('phase').value = 'requestFilter';
	byId('kind').value = 'IllegalStateException';
	const chips = (texts) => element('td', '', ...texts.map((text) => element('code', '', text)));
	byId('routes').replaceChildren(...setup.routes.map((route) => element('tr', '',
		Object.assign(element('th', '', route.id), { scope: 'row' }), chips(route.predicates), chips(route.filters),
		element('td', '', element('strong', '', route.upstream ?? 'none'),
			element('span', 'note', route.backends.length > 1 ? ' ' + route.backends.join(', ') : '')))));
	byId('about').textContent = `Transport ${setup.transport}, Java ${setup.java}.`;
	byId('fire').disabled = byId('storm').disabled = false;
}

function showState(state) {
	const last = state.seconds.at(-1);
	byId('rate').textContent = last ? Math.round(last.rate).toLocaleString('en') : '–';
	byId('rate-note').textContent = state.requests.toLocaleString('en') + ' since the start';
	byId('p50').textContent = format(last?.p50);
	byId('p50-note').textContent = `p90 ${format(last?.p90)} · p99 ${format(last?.p99)}`;
	byId('in-flight').textContent = state.inFlight.toLocaleString('en');
	byId('panics').textContent = state.panics.toLocaleString('en');
	const others = state.bystanders;
	byId('errors').textContent = others ? others.errors.toLocaleString('en') : '–';
	byId('errors').classList.toggle('bad', others?.errors > 0);
	byId('ok').textContent = others ? others.ok.toLocaleString('en') : 'no';
	byId('bystanders-note').textContent = others
		? others.lastError ?? `${others.connections} clients, each answer compared`
		: 'demo.traffic.enabled is off';
	byId('no-panics').hidden = state.recent.length > 0;
	showPanics(byId('list'), state.recent, state.started);
	charts.forEach((chart) => chart.draw(state.seconds, state.now));
}

function showConnection(live) {
	const pill = byId('connection');
	if (pill.classList.contains('live') !== live || pill.textContent === 'connecting') {
		pill.textContent = live ? 'live' : 'no connection';
		pill.classList.toggle('live', live);
	}
}

async function poll() {
	try {
		const state = await ask('/demo/state');
		if (state.started !== started) {
			showSetup(await ask('/demo/setup'));
			started = state.started;
		}
		showState(state);
		showConnection(true);
	}
	catch {
		showConnection(false);
	}
	setTimeout(poll, POLL);
}

async function fire(phase, kind, count) {
	const buttons = [byId('fire'), byId('storm')];
	buttons.forEach((button) => button.setAttribute('aria-disabled', 'true'));
	const begin = performance.now();
	try {
		const answer = await fetch('/demo/panic?' + new URLSearchParams({ phase, kind, count }), { method: 'POST' });
		if (answer.ok) {
			showShots(byId('result'), await answer.json(), Math.round(performance.now() - begin));
		}
		else {
			showFailure(byId('result'), await answer.text() || `Refused: ${answer.status}`);
		}
	}
	catch {
		showFailure(byId('result'), 'The demo does not answer.');
	}
	finally {
		buttons.forEach((button) => button.removeAttribute('aria-disabled'));
	}
}

byId('form').addEventListener('submit', (event) => {
	event.preventDefault();
	if (!byId('fire').hasAttribute('aria-disabled')) {
		fire(byId('phase').value, byId('kind').value, 1);
	}
});
byId('storm').addEventListener('click', () => {
	if (!byId('storm').hasAttribute('aria-disabled')) {
		fire('any', 'any', 50);
	}
});
poll();
