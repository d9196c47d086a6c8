package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.event.Phase;
import dev.pingora.panic.PanicTotals;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Route;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Bystanders;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The panic contract, cell by cell: in each the victim sees what it must see, its
 * upstream connection is closed, exactly one panic is counted, later requests are served,
 * and 200 connections beside it don't notice anything.
 */
@ExtendWith(EngineExtension.class)
class PanicMatrixTests {

	private static final int BYSTANDERS = 200;

	private static final String PIECE = "0123456789";

	@Test
	void tableHasTheNumberOfCellsThatIsStated() {
		long cells = EnumSet.allOf(Phase.class).stream().mapToLong((phase) -> PanicMatrix.cells(phase).size()).sum();
		assertThat(cells).isEqualTo(210);
	}

	@ParameterizedTest
	@EnumSource(Phase.class)
	@Timeout(120)
	void panicEndsItsOwnRequestAndNothingElse(Phase phase) throws Exception {
		List<PanicMatrix.Cell> cells = PanicMatrix.cells(phase);
		int run = 0;
		try (Stand stand = Stand.start(Transport.AUTO)) {
			try (Bystanders bystanders = Bystanders.start(stand.port(), BYSTANDERS)) {
				bystanders.awaitProgress(1);
				for (PanicMatrix.Cell cell : cells) {
					stand.run(cell);
					run++;
				}
				bystanders.awaitProgress(2);
				bystanders.assertUndisturbed();
			}
			Await.until("all requests to have ended", () -> stand.server.activeRequests() == 0);
			DefaultProxyServer server = (DefaultProxyServer) stand.server;
			Await.until("a permit for each upstream connection that is open, and no other",
					() -> server.upstreamConnections() == stand.origin.openConnections());
		}
		assertThat(run).isEqualTo(cells.size()).isPositive();
	}

	/**
	 * A server, its origin, and a port at which nobody listens.
	 */
	private static final class Stand implements AutoCloseable {

		private final RawOrigin origin;

		private final ProxyServer server;

		// Opened by the victim when it has read the first piece of its response.
		private static volatile CountDownLatch firstPieceRead = new CountDownLatch(0);

		private Stand(RawOrigin origin, ProxyServer server) {
			this.origin = origin;
			this.server = server;
		}

		static Stand start(Transport transport) throws IOException {
			RawOrigin origin = RawOrigin.start();
			origin.on("/duplex", (exchange) -> {
				exchange.head(200, "Content-Length: 20").write(PIECE);
				exchange.readBody();
			});
			origin.on("/pieces", (exchange) -> {
				exchange.head(200, "Content-Length: 20").write(PIECE);
				exchange.await(firstPieceRead);
				writeQuietly(exchange);
			});
			origin.on("/trailers", (exchange) -> {
				exchange.head(200, "Transfer-Encoding: chunked").chunk(PIECE.getBytes(StandardCharsets.UTF_8));
				exchange.lastChunk("X-Trailer: yes");
			});
			origin.on("/truncated", (exchange) -> {
				exchange.head(200, "Content-Length: 20").write(PIECE);
				exchange.await(firstPieceRead);
				exchange.finish();
			});
			MatrixFilter filter = new MatrixFilter(HttpPeer.of("127.0.0.1", unusedPort()));
			Upstream upstream = Upstream.of("origin", List.of(Backend.of(HttpPeer.of("127.0.0.1", origin.port()))));
			Route onLoop = route("LOOP", filter, Set.of(), upstream);
			Route blocking = route("BLOCKING", filter, blockingPhases(), upstream);
			ProxyServer server = ProxyServer.builder()
				.listener(ListenerOptions.of("http", "127.0.0.1", 0))
				.transport(transport)
				.threads(2)
				.router((request, trace) -> "BLOCKING".equals(request.header("x-mode")) ? blocking : onLoop)
				.build()
				.start();
			return new Stand(origin, server);
		}

		private static void writeQuietly(OriginExchange exchange) {
			try {
				exchange.write(PIECE);
			}
			catch (IOException expected) {
				// the proxy has closed the victim's connection
			}
		}

		private static int unusedPort() throws IOException {
			try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
		}

		private static Route route(String id, MatrixFilter filter, Set<Phase> blocking, Upstream upstream) {
			return Route.of(id, List.of(new NamedFilter("victim", filter, EnumSet.allOf(Phase.class), blocking)),
					upstream);
		}

		private static Set<Phase> blockingPhases() {
			Set<Phase> phases = EnumSet.allOf(Phase.class);
			phases.removeIf((phase) -> !phase.mayBlock());
			return phases;
		}

		int port() {
			return this.server.port("http");
		}

		void run(PanicMatrix.Cell cell) {
			PanicTotals.Key site = new PanicTotals.Key(cell.phase().tag(), "victim", cell.mode().name());
			long panics = this.server.isolation().totals().total();
			long panicsHere = this.server.isolation().totals().total(site);
			int ended = this.origin.endedConnections();
			try (RawClient victim = RawClient.connect(port())) {
				play(victim, cell);
			}
			assertThat(this.server.isolation().totals().total()).as("panics after %s", cell).isEqualTo(panics + 1);
			assertThat(this.server.isolation().totals().total(site)).as("panics at %s", site).isEqualTo(panicsHere + 1);
			int lost = upstreamConnectionsLost(cell.phase());
			Await.until("the upstream connections lost by " + cell + " to be " + lost,
					() -> this.origin.endedConnections() == ended + lost);
			try (RawClient later = RawClient.connect(port())) {
				assertThat(later.get("/bytes?n=100&seed=7").readResponse().body()).isEqualTo(Octets.pattern(7, 0, 100));
			}
		}

		// What the victim has had of the origin when it panics is closed with it.
		private static int upstreamConnectionsLost(Phase phase) {
			return switch (phase) {
				case NEW_CONTEXT, EARLY_REQUEST_FILTER, REQUEST_FILTER, PROXY_UPSTREAM_FILTER, UPSTREAM_PEER,
						FAIL_TO_CONNECT, FAIL_TO_PROXY, REQUEST_SUMMARY, SUPPRESS_ERROR_LOG ->
					0;
				default -> 1;
			};
		}

		private static void play(RawClient victim, PanicMatrix.Cell cell) {
			boolean midBody = cell.moment() == PanicMatrix.Moment.MID_BODY;
			switch (cell.phase()) {
				case REQUEST_BODY_FILTER -> {
					victim.send(head("POST", midBody ? "/duplex" : "/echo", cell, "Content-Length: 20") + PIECE);
					if (midBody) {
						assertThat(victim.readHead().status()).isEqualTo(200);
						victim.read(PIECE.length());
						victim.send(PIECE);
					}
				}
				case UPSTREAM_RESPONSE_BODY_FILTER, RESPONSE_BODY_FILTER -> playFirstPiece(victim, "/pieces", cell);
				case UPSTREAM_RESPONSE_TRAILER_FILTER, RESPONSE_TRAILER_FILTER ->
					victim.send(head("GET", "/trailers", cell));
				case FAIL_TO_CONNECT -> victim.send(head("GET", "/hello", cell, "X-Dead: yes"));
				case ERROR_WHILE_PROXY -> {
					if (midBody) {
						playFirstPiece(victim, "/truncated", cell);
					}
					else {
						victim.send(head("GET", "/close", cell));
					}
				}
				case FAIL_TO_PROXY, REQUEST_SUMMARY, SUPPRESS_ERROR_LOG ->
					victim.send(head("GET", "/hello", cell, "X-Error: yes"));
				default -> victim.send(head("GET", "/hello", cell));
			}
			expectEnd(victim, cell);
		}

		private static void playFirstPiece(RawClient victim, String path, PanicMatrix.Cell cell) {
			firstPieceRead = new CountDownLatch(1);
			victim.send(head("GET", path, cell));
			assertThat(victim.readHead().status()).isEqualTo(200);
			victim.read(PIECE.length());
			firstPieceRead.countDown();
		}

		private static void expectEnd(RawClient victim, PanicMatrix.Cell cell) {
			if (cell.moment() != PanicMatrix.Moment.AFTER_RESPONSE) {
				assertThat(victim.awaitEnd()).as("end of %s", cell).isEqualTo(End.RESET);
				return;
			}
			RawResponse response = victim.readResponse();
			assertThat(response.status()).as("status of %s", cell)
				.isEqualTo((cell.phase() == Phase.LOGGING) ? 200 : 503);
			assertThat(victim.awaitEnd()).as("end of %s", cell).isEqualTo(End.FIN);
		}

		private static String head(String method, String path, PanicMatrix.Cell cell, String... fields) {
			StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: matrix\r\n");
			head.append("X-Phase: ").append(cell.phase().tag()).append("\r\n");
			head.append("X-Mode: ").append(cell.mode()).append("\r\n");
			head.append("X-Moment: ").append(cell.moment()).append("\r\n");
			head.append("X-Thrown: ").append(cell.thrown()).append("\r\n");
			for (String field : fields) {
				head.append(field).append("\r\n");
			}
			return head.append("\r\n").toString();
		}

		@Override
		public void close() {
			this.server.close();
			this.origin.close();
		}

	}

}
