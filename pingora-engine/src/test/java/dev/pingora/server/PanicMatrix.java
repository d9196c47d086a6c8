package dev.pingora.server;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import dev.pingora.event.Phase;
import dev.pingora.testkit.Throwables;

/**
 * The table of the panic contract: in which mode and at which moment each phase may
 * panic. {@link PanicMatrixTests} runs exactly the product of it and of all throwables.
 */
final class PanicMatrix {

	/** Where a phase's code runs. */
	enum Mode {

		LOOP, BLOCKING

	}

	/** How far the victim's response has come. */
	enum Moment {

		/** Nothing was sent: the client sees a reset. */
		BEFORE_HEADER,

		/** A part was sent: the client sees a reset. */
		MID_BODY,

		/** All was sent: the client sees the whole response and a clean end. */
		AFTER_RESPONSE

	}

	/**
	 * One cell.
	 *
	 * @param phase the phase that panics
	 * @param mode where its code runs
	 * @param moment how far the response has come
	 * @param thrown what is thrown
	 */
	record Cell(Phase phase, Mode mode, Moment moment, Throwables thrown) {
	}

	private PanicMatrix() {
	}

	static Set<Mode> modes(Phase phase) {
		return phase.mayBlock() ? EnumSet.allOf(Mode.class) : EnumSet.of(Mode.LOOP);
	}

	static Set<Moment> moments(Phase phase) {
		return switch (phase) {
			case NEW_CONTEXT, EARLY_REQUEST_FILTER, REQUEST_FILTER, PROXY_UPSTREAM_FILTER, UPSTREAM_PEER,
					CONNECTED_TO_UPSTREAM, FAIL_TO_CONNECT, UPSTREAM_REQUEST_FILTER, UPSTREAM_RESPONSE_FILTER,
					RESPONSE_FILTER, FAIL_TO_PROXY ->
				EnumSet.of(Moment.BEFORE_HEADER);
			case REQUEST_BODY_FILTER, ERROR_WHILE_PROXY -> EnumSet.of(Moment.BEFORE_HEADER, Moment.MID_BODY);
			case UPSTREAM_RESPONSE_BODY_FILTER, UPSTREAM_RESPONSE_TRAILER_FILTER, RESPONSE_BODY_FILTER,
					RESPONSE_TRAILER_FILTER ->
				EnumSet.of(Moment.MID_BODY);
			case LOGGING, REQUEST_SUMMARY, SUPPRESS_ERROR_LOG -> EnumSet.of(Moment.AFTER_RESPONSE);
		};
	}

	static List<Cell> cells(Phase phase) {
		List<Cell> cells = new ArrayList<>();
		for (Mode mode : modes(phase)) {
			for (Moment moment : moments(phase)) {
				for (Throwables thrown : Throwables.values()) {
					cells.add(new Cell(phase, mode, moment, thrown));
				}
			}
		}
		return cells;
	}

}
