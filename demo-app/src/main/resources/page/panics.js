// The list of panics, and what the client of a fired one saw.

export function element(name, className, ...children) {
	const made = document.createElement(name);
	if (className) {
		made.className = className;
	}
	made.append(...children);
	return made;
}

const shown = new Map();

function entry(panic) {
	const stack = element('pre', 'stack');
	const summary = element('summary', '',
		element('span', 'id', '#' + panic.id),
		element('time', '', new Date(panic.at).toLocaleTimeString('en', { hour12: false })),
		element('span', 'phase', panic.phase),
		element('span', 'what', panic.exception),
		element('span', 'where', `${panic.filter ?? 'no filter'} on ${panic.route ?? 'no route'}`),
		element('span', 'request', panic.request ?? ''));
	summary.querySelector('time').dateTime = new Date(panic.at).toISOString();
	const details = element('details', '', summary,
		element('p', 'note', `${panic.message ?? 'no message'}, on thread ${panic.thread}`), stack);
	details.addEventListener('toggle', () => {
		if (details.open && !stack.textContent) {
			loadStack(panic.id, stack);
		}
	});
	return element('li', '', details);
}

async function loadStack(id, stack) {
	try {
		const answer = await fetch('/demo/stacks/' + id);
		stack.textContent = answer.ok ? await answer.text() : 'The stack is forgotten.';
		stack.tabIndex = 0;
	}
	catch {
		stack.textContent = '';
	}
}

/** Shows the panics, newest first; open entries stay open. */
export function showPanics(list, panics, started) {
	const first = !list.dataset.started;
	list.dataset.started = started;
	for (const key of [...shown.keys()]) {
		if (!panics.some((panic) => started + ':' + panic.id === key)) {
			shown.get(key).remove();
			shown.delete(key);
		}
	}
	for (const panic of [...panics].reverse()) {
		const key = started + ':' + panic.id;
		if (!shown.has(key)) {
			const item = entry(panic);
			item.id = 'panic-' + panic.id;
			item.classList.toggle('fresh', !first);
			shown.set(key, item);
			list.prepend(item);
		}
	}
}

const ENDS = { reset: 'connection reset', closed: 'connection closed', timeout: 'no end within 5 s' };

function seen(shot) {
	if (shot.end === 'closed') {
		return shot.status ? `${shot.status} and a clean end` : 'closed without an answer';
	}
	return ENDS[shot.end] + (shot.bytes ? ', within the response' : '');
}

/** Shows how fired requests ended. */
export function showShots(result, shots, millis) {
	const counts = new Map();
	for (const shot of shots) {
		counts.set(seen(shot), (counts.get(seen(shot)) ?? 0) + 1);
	}
	const single = shots.length === 1;
	const lines = [...counts].map(([text, count]) =>
		element('p', 'end', single ? text : `${count} × ${text}`));
	const about = single
		? `${shots[0].request}, ${shots[0].kind} in ${shots[0].phase}: ` + (shots[0].panicId ? `panic #${shots[0].panicId}` : 'no panic')
		: `${shots.length} requests at once, ${shots.filter((shot) => shot.panicId).length} panics`;
	result.replaceChildren(element('p', 'label', single ? 'Its client saw' : 'Their clients saw'), ...lines,
		element('p', 'note', `${about}, after ${millis} ms.`));
}

export function showFailure(result, text) {
	result.replaceChildren(element('p', 'failure', text));
}
