package dev.pingora.protocol.h1;

import java.util.ArrayDeque;

import dev.pingora.http.HeadTable;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Spare tables, for each event loop its own: a connection holds one only while it has a
 * message.
 */
final class HeadTables {

	private static final int MAX_SPARE = 128;

	private static final FastThreadLocal<ArrayDeque<HeadTable>> SPARE = new FastThreadLocal<>() {

		@Override
		protected ArrayDeque<HeadTable> initialValue() {
			return new ArrayDeque<>();
		}

	};

	private HeadTables() {
	}

	static HeadTable take() {
		HeadTable spare = SPARE.get().pollLast();
		return (spare != null) ? spare : new HeadTable();
	}

	static void give(HeadTable table) {
		ArrayDeque<HeadTable> spare = SPARE.get();
		if (table.recycle() && spare.size() < MAX_SPARE) {
			spare.addLast(table);
		}
	}

}
