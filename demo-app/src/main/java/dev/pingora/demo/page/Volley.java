package dev.pingora.demo.page;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.pingora.demo.fault.FaultTarget;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestSummary;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are to panic, each on a connection of its own: all are sent before the
 * first answer is read. Blocks; one thread does it all.
 */
final class Volley {

	private static final int PATIENCE_MILLIS = 5000;

	private static final long PANIC_PATIENCE = TimeUnit.MILLISECONDS.toNanos(300);

	private static final int STATUS_LINE = 12; // HTTP/1.1 200

	private final InetSocketAddress gateway;

	private final PanicIsolation isolation;

	Volley(InetSocketAddress gateway, PanicIsolation isolation) {
		this.gateway = gateway;
		this.isolation = isolation;
	}

	/**
	 * Sends all requests, and watches how their connections end.
	 * @param aim what to fire
	 * @return a shot for each of them, in order
	 * @throws IOException if the gateway can't be reached
	 */
	List<Shot> fire(Aim aim) throws IOException {
		List<Socket> sockets = new ArrayList<>();
		try {
			for (int turn = 0; turn < aim.count(); turn++) {
				Socket socket = new Socket();
				sockets.add(socket);
				socket.connect(this.gateway, PATIENCE_MILLIS);
				socket.setSoTimeout(PATIENCE_MILLIS);
				Phase phase = aim.phase(turn);
				String request = FaultTarget.of(phase).ordering(phase, aim.kind(turn));
				socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
			}
			List<Shot> shots = new ArrayList<>();
			for (int turn = 0; turn < aim.count(); turn++) {
				shots.add(watch(sockets.get(turn), aim.phase(turn), aim.kind(turn)));
			}
			return withPanics(shots, sockets);
		}
		finally {
			for (Socket socket : sockets) {
				socket.close();
			}
		}
	}

	private Shot watch(Socket socket, Phase phase, String kind) throws IOException {
		byte[] start = new byte[STATUS_LINE];
		byte[] buffer = new byte[4096];
		int bytes = 0;
		String end = "closed";
		try {
			InputStream input = socket.getInputStream();
			for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
				for (int i = 0; i < count && bytes + i < STATUS_LINE; i++) {
					start[bytes + i] = buffer[i];
				}
				bytes += count;
			}
		}
		catch (SocketTimeoutException nothing) {
			end = "timeout";
		}
		catch (IOException reset) {
			end = "reset";
		}
		return new Shot(phase.tag(), kind, FaultTarget.of(phase).toString(), end, status(start), bytes, null);
	}

	private static @Nullable Integer status(byte[] start) {
		String line = new String(start, StandardCharsets.ISO_8859_1);
		return line.matches("HTTP/1\\.\\d \\d{3}") ? Integer.valueOf(line.substring(STATUS_LINE - 3)) : null;
	}

	// The error log's callbacks come when the client may have had its end already.
	private List<Shot> withPanics(List<Shot> shots, List<Socket> sockets) {
		List<Shot> complete = new ArrayList<>();
		long end = System.nanoTime() + PANIC_PATIENCE;
		for (int i = 0; i < shots.size(); i++) {
			Long panic = panicOf(sockets.get(i).getLocalPort());
			while (panic == null && System.nanoTime() - end < 0) {
				LockSupport.parkNanos(PANIC_PATIENCE / 100);
				panic = panicOf(sockets.get(i).getLocalPort());
			}
			complete.add(shots.get(i).of(panic));
		}
		return complete;
	}

	// Its client's port tells a request from all others; the newest comes first.
	private @Nullable Long panicOf(int port) {
		for (Panic panic : this.isolation.recent()) {
			RequestSummary request = panic.site().request();
			if (request != null && request.clientAddress().endsWith(":" + port)) {
				return panic.id();
			}
		}
		return null;
	}

}
