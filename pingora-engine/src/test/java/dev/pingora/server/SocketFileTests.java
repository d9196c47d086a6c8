package dev.pingora.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.UnixSocket;
import dev.pingora.transport.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whose the file of a Unix domain socket is: of servers that start, end and follow each
 * other at one path, none takes another one's away.
 */
@ExtendWith(EngineExtension.class)
class SocketFileTests extends SocketFileStand {

	private static Object key(Path path) throws IOException {
		return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
	}

	/**
	 * A file system may give the next socket the number of the one that is gone: another
	 * link to it is such a file on all of them.
	 */
	@ParameterizedTest
	@MethodSource("transports")
	void drainedServerLeavesTheFileOfItsSuccessorAlone(Transport transport) throws IOException {
		CountDownLatch gate = new CountDownLatch(1);
		this.origin.on("/gated", (exchange) -> {
			exchange.await(gate);
			exchange.respond(200, "gated");
		});
		Path kept = this.directory.resolve("kept");
		try (ProxyServer server = atSocket(transport).start(); RawClient client = UnixSocket.connect(socket())) {
			client.get("/gated");
			this.origin.awaitRequest(1);
			Files.createLink(kept, socket());
			CompletableFuture<Integer> drained = CompletableFuture.supplyAsync(() -> server.drain(Await.PATIENCE));
			Await.until("the file is gone", () -> !Files.exists(socket()));
			Files.createLink(socket(), kept);
			gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("gated");
			assertThat(drained.join()).isZero();
		}
		assertThat(socket()).exists();
	}

	// The servers' own starts are too long for them to meet here.
	@RepeatedTest(20)
	void ofSocketsThatAreBoundOverOneLeftoverOneIsFound() throws Exception {
		for (int round = 0; round < 10; round++) {
			leaveSocketFile();
			CyclicBarrier barrier = new CyclicBarrier(2);
			CompletableFuture<@Nullable ServerSocketChannel> other = CompletableFuture.supplyAsync(() -> bind(barrier));
			try (ServerSocketChannel first = bind(barrier); ServerSocketChannel second = other.join()) {
				assertThat(first == null).isNotEqualTo(second == null);
				assertThat(files()).containsExactly(socket());
				SocketChannel.open(UnixDomainSocketAddress.of(socket())).close();
				Files.delete(socket());
			}
		}
	}

	// As a server does.
	private @Nullable ServerSocketChannel bind(CyclicBarrier barrier) {
		SocketFile file = new SocketFile(socket().toString());
		ServerSocketChannel bound = null;
		try {
			barrier.await();
			file.removeIfStale();
			bound = listen(Path.of(file.whereToBind()));
			file.publish(0600);
			return bound;
		}
		catch (BindException taken) {
			close(bound);
			return null;
		}
		catch (IOException | InterruptedException | BrokenBarrierException ex) {
			close(bound);
			throw new IllegalStateException(ex);
		}
	}

	private static void close(@Nullable ServerSocketChannel bound) {
		try (bound) {
			return;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void startThatFailsLeavesNoFile(Transport transport) throws IOException {
		try (ServerSocket taken = new ServerSocket(0);
				ProxyServer server = atSocket(transport)
					.with((it) -> it.listener(ListenerOptions.unix("first", this.directory + "/first"))
						.listener(ListenerOptions.of("taken", "127.0.0.1", taken.getLocalPort())))
					.build()) {
			assertThatExceptionOfType(ListenerBindException.class).isThrownBy(server::start)
				.withMessageStartingWith("listener taken ");
			assertThat(files()).isEmpty();
		}
	}

	@Test
	void nameToBindIsNobodysAndNotTooLong() {
		for (int i = 0; i < 1000; i++) {
			assertThat(new SocketFile("/run/a").whereToBind()).matches("/run/~[0-9a-z]{3}");
		}
	}

	@Test
	void socketThatIsTakenForALeftoverIsPutBack() throws IOException {
		try (ServerSocketChannel other = listen(socket())) {
			Object key = key(socket());
			assertThatExceptionOfType(BindException.class)
				.isThrownBy(() -> new SocketFile(socket().toString()).takeAway())
				.withMessageEndingWith("a process that listens");
			assertThat(other.isOpen()).isTrue();
			assertThat(files()).containsExactly(socket());
			assertThat(key(socket())).isEqualTo(key);
		}
	}

	@Test
	void fileThatIsTakenForALeftoverIsPutBack() throws IOException {
		Files.writeString(socket(), "precious");
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> new SocketFile(socket().toString()).takeAway())
			.withMessageEndingWith("no socket");
		assertThat(files()).containsExactly(socket());
		assertThat(socket()).hasContent("precious");
	}

	@Test
	void fileThatCameWhileTheSocketWasBoundIsKept() throws IOException {
		SocketFile file = new SocketFile(socket().toString());
		file.removeIfStale();
		try (ServerSocketChannel bound = listen(Path.of(file.whereToBind()))) {
			Files.writeString(socket(), "precious");
			assertThatExceptionOfType(BindException.class).isThrownBy(() -> file.publish(0600))
				.withMessageContaining("faster");
			file.remove();
			assertThat(bound.isOpen()).isTrue();
			assertThat(files()).containsExactly(socket());
			assertThat(socket()).hasContent("precious");
		}
	}

	@Test
	void fileHasItsModeFromTheFirstMoment() throws IOException {
		Set<String> seen = ConcurrentHashMap.newKeySet();
		AtomicBoolean over = new AtomicBoolean();
		CompletableFuture<Void> looking = CompletableFuture.runAsync(() -> {
			while (!over.get()) {
				String permissions = permissions();
				if (permissions != null) {
					seen.add(permissions);
				}
			}
		});
		try {
			for (int i = 0; i < 500 || (seen.isEmpty() && i < 100_000); i++) {
				SocketFile file = new SocketFile(socket().toString());
				try (ServerSocketChannel bound = listen(Path.of(file.whereToBind()))) {
					file.publish(0606);
					assertThat(bound.isOpen()).isTrue();
					file.remove();
				}
			}
		}
		finally {
			over.set(true);
		}
		looking.join();
		assertThat(seen).containsExactly("rw----rw-");
	}

	private @Nullable String permissions() {
		try {
			return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()));
		}
		catch (NoSuchFileException gone) {
			return null;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
