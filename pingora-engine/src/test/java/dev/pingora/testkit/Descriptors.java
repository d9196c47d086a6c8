package dev.pingora.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sockets, files and io_uring instances that this process has open, from
 * {@code /proc}; none on systems without it. What the JVM opens for itself is left out:
 * classes, libraries, devices, and also selectors, which live as long as a JDK client's
 * garbage does (an event loop that is left over shows as a thread).
 */
final class Descriptors {

	private static final Path OPEN = Path.of("/proc/self/fd");

	private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

	private static final Pattern FILE_OF_THE_JVM = Pattern
		.compile("(/dev/.*|/proc/.*|/sys/.*|.*\\.(jar|so|jsa|jmod)|.*/modules)( \\(deleted\\))?");

	static {
		warmUp();
	}

	private Descriptors() {
	}

	// The JVM keeps a socket of its own from the first use of sockets on.
	private static void warmUp() {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
			socket.setSoTimeout(1);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What is open: a name that nothing else has, and the descriptor's link. */
	static Map<String, String> open() {
		Map<String, String> open = new TreeMap<>();
		if (!Files.isDirectory(OPEN)) {
			return open;
		}
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OPEN)) {
			for (Path descriptor : descriptors) {
				String link = link(descriptor);
				if (SOCKET.matcher(link).matches()) {
					open.put(link, link);
				}
				else if (link.contains("io_uring") || isFileOfTests(link)) {
					open.put(link + " as descriptor " + descriptor.getFileName(), link);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return open;
	}

	private static boolean isFileOfTests(String link) {
		return link.startsWith("/") && !FILE_OF_THE_JVM.matcher(link).matches()
				&& !link.startsWith(System.getProperty("java.home"));
	}

	private static String link(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString();
		}
		catch (IOException ex) {
			return ""; // closed meanwhile
		}
	}

	/** What a link leads to, for people: a socket's two ends and state, a path. */
	static String describe(String link) {
		Matcher socket = SOCKET.matcher(link);
		return "left open: " + (socket.matches() ? sockets().getOrDefault(socket.group(1), link) : link);
	}

	private static Map<String, String> sockets() {
		Map<String, String> sockets = new HashMap<>();
		for (String protocol : new String[] { "tcp", "tcp6", "udp", "udp6" }) {
			lines(protocol).map((line) -> line.strip().split("\\s+"))
				.filter((columns) -> columns.length > 9)
				.forEach((columns) -> sockets.put(columns[9], protocol + " socket, local port " + port(columns[1])
						+ ", remote port " + port(columns[2]) + ", state " + state(columns[3])));
		}
		lines("unix").map((line) -> line.strip().split("\\s+"))
			.filter((columns) -> columns.length > 6)
			.forEach((columns) -> sockets.put(columns[6],
					"unix socket " + ((columns.length > 7) ? columns[7] : "without a name")));
		return sockets;
	}

	private static Stream<String> lines(String protocol) {
		Path table = Path.of("/proc/self/net").resolve(protocol);
		try {
			return Files.isReadable(table) ? Files.readAllLines(table).stream().skip(1) : Stream.empty();
		}
		catch (IOException ex) {
			return Stream.empty();
		}
	}

	private static int port(String address) {
		return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
	}

	private static String state(String code) {
		return switch (code) {
			case "01" -> "ESTABLISHED";
			case "07" -> "CLOSE";
			case "08" -> "CLOSE_WAIT";
			case "0A" -> "LISTEN";
			default -> code;
		};
	}

	/** Whether it is the socket at which the JVM lets tools attach to it. */
	static boolean isOfTheJvm(String link) {
		return describe(link).contains(".java_pid");
	}

}
