package dev.pingora.benchmarks.gateway;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.util.internal.PlatformDependent;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.stereotype.Component;

/**
 * Tells, on a port of its own, what the gateway has allocated: at {@code /allocated} the
 * octets of each thread since its start, at {@code /direct} the direct memory in use. A
 * line is a name, a tabulator, a number.
 */
@Component
@ConditionalOnExpression("${bench.admin-port:0} > 0")
final class Confession implements DisposableBean {

	private final HttpServer server;

	Confession(@Value("${bench.admin-port}") int port) throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
		this.server.createContext("/allocated", (exchange) -> answer(exchange, Confession::allocated));
		this.server.createContext("/direct", (exchange) -> answer(exchange, Confession::direct));
		this.server.start();
	}

	private static void answer(HttpExchange exchange, Supplier<String> text) throws IOException {
		byte[] octets = text.get().getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(200, octets.length);
		exchange.getResponseBody().write(octets);
		exchange.close();
	}

	private static String allocated() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long[] ids = threads.getAllThreadIds();
		long[] octets = threads.getThreadAllocatedBytes(ids);
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < ids.length; i++) {
			var thread = threads.getThreadInfo(ids[i]);
			if (thread != null) {
				text.append(thread.getThreadName()).append('\t').append(octets[i]).append('\n');
			}
		}
		return text.toString();
	}

	private static String direct() {
		StringBuilder text = new StringBuilder("netty\t").append(PlatformDependent.usedDirectMemory()).append('\n');
		for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
			text.append("java ").append(pool.getName()).append('\t').append(pool.getMemoryUsed()).append('\n');
		}
		return text.toString();
	}

	@Override
	public void destroy() {
		this.server.stop(0);
	}

}
