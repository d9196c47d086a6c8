package dev.pingora.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.testkit.Await;
import org.jspecify.annotations.Nullable;

/**
 * The demo as its user runs it: {@code java -jar}, in a process of its own, on ephemeral
 * ports. Ended at the latest when it is closed.
 */
final class DemoProcess implements AutoCloseable {

	private static final Pattern GATEWAY = Pattern.compile("Listener http accepts at \\S+:(\\d+)");

	private static final Pattern ACTUATOR = Pattern.compile("Tomcat started on port (\\d+)");

	private final Process process;

	private final List<String> log = new CopyOnWriteArrayList<>();

	private DemoProcess(Process process) {
		this.process = process;
		Thread reader = new Thread(this::read, "demo-log");
		reader.setDaemon(true);
		reader.start();
	}

	static DemoProcess start(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-jar",
						Path.of("target", "demo-app.jar").toString(), "--pingora.listeners[0].name=http",
						"--pingora.listeners[0].port=0", "--pingora.listeners[0].address=127.0.0.1",
						"--management.server.port=0", "--management.server.address=127.0.0.1"));
		command.addAll(List.of(arguments));
		DemoProcess demo = new DemoProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
		boolean ready = false;
		try {
			Await.until(Duration.ofSeconds(60), () -> "the demo is ready:\n" + String.join("\n", demo.log),
					() -> demo.hasLogged("Started DemoApplication") || !demo.process.isAlive());
			ready = demo.process.isAlive();
			if (!ready) {
				throw new AssertionError("the demo did not start:\n" + String.join("\n", demo.log));
			}
			return demo;
		}
		finally {
			if (!ready) {
				demo.close();
			}
		}
	}

	private void read() {
		try (BufferedReader lines = this.process.inputReader()) {
			lines.lines().forEach(this.log::add);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (UncheckedIOException killed) {
			this.log.add("(the process was killed)");
		}
	}

	boolean hasLogged(String text) {
		return this.log.stream().anyMatch((line) -> line.contains(text));
	}

	List<String> log() {
		return this.log;
	}

	int gatewayPort() {
		return port(GATEWAY);
	}

	int actuatorPort() {
		return port(ACTUATOR);
	}

	private int port(Pattern pattern) {
		@Nullable String found = null;
		for (String line : this.log) {
			Matcher matcher = pattern.matcher(line);
			if (matcher.find()) {
				found = matcher.group(1);
			}
		}
		if (found == null) {
			throw new AssertionError("no line like " + pattern + ":\n" + String.join("\n", this.log));
		}
		return Integer.parseInt(found);
	}

	/**
	 * Sends SIGTERM and waits for the end.
	 * @param seconds how long at most
	 * @return whether the process has ended in time
	 */
	boolean terminate(long seconds) throws InterruptedException {
		this.process.destroy();
		return this.process.waitFor(seconds, TimeUnit.SECONDS);
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
		Await.until("the end of the process", () -> !this.process.isAlive());
	}

}
