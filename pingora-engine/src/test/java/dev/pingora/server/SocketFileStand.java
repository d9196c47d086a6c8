package dev.pingora.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.UnixSocket;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A directory for the file of a Unix domain socket, and an origin behind who listens
 * there.
 */
abstract class SocketFileStand {

	@AutoClose
	final RawOrigin origin = RawOrigin.start();

	@TempDir
	Path directory;

	static Stream<Transport> transports() {
		return Proxies.transports();
	}

	Path socket() {
		return this.directory.resolve("p.sock");
	}

	Proxies atSocket(Transport transport) {
		return Proxies.to(this.origin).at(socket()).with((builder) -> builder.transport(transport));
	}

	static ServerSocketChannel listen(Path path) throws IOException {
		return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
	}

	/** As a process does that is killed. */
	void leaveSocketFile() throws IOException {
		listen(socket()).close();
		assertThat(socket()).exists();
	}

	List<Path> files() throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.toList();
		}
	}

	void assertServes() {
		try (RawClient client = UnixSocket.connect(socket())) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
		}
	}

}
