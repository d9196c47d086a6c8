package dev.pingora.testkit;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that leave something behind on purpose, run by {@link EngineExtensionTests}
 * alone. What they leave is put away by {@link #cleanUp()}.
 */
final class LeakyCases {

	static final EngineExtension IMPATIENT = new EngineExtension().patience(Duration.ofMillis(150));

	private static final ConcurrentLinkedDeque<AutoCloseable> LEFT = new ConcurrentLinkedDeque<>();

	private LeakyCases() {
	}

	static void cleanUp() throws Exception {
		while (!LEFT.isEmpty()) {
			LEFT.pop().close();
		}
	}

	private static void leave(AutoCloseable resource) {
		LEFT.push(resource);
		assertThat(LEFT).isNotEmpty();
	}

	private static MultiThreadIoEventLoopGroup loop() {
		return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
	}

	private static void end(MultiThreadIoEventLoopGroup loop) {
		loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
		Await.until("the end of the loop's threads", loop::isTerminated);
	}

	static final class Buffer {

		@RegisterExtension
		static final EngineExtension EXTENSION = IMPATIENT;

		@Test
		void direct() {
			leave(ByteBufAllocator.DEFAULT.directBuffer(16)::release);
		}

		@Test
		void heap() {
			leave(ByteBufAllocator.DEFAULT.heapBuffer(16)::release);
		}

		@Test
		void pooled() {
			leave(PooledByteBufAllocator.DEFAULT.buffer(16)::release);
		}

		@Test
		void unpooled() {
			leave(Unpooled.directBuffer(16)::release);
		}

		@Test
		void composite() {
			leave(ByteBufAllocator.DEFAULT.compositeBuffer()::release);
		}

		@Test
		void retainedSlice() {
			var buffer = ByteBufAllocator.DEFAULT.directBuffer(16);
			leave(buffer.retainedSlice(0, 1)::release);
			buffer.release();
		}

		@Test
		void onEventLoop() throws Exception {
			MultiThreadIoEventLoopGroup loop = loop();
			var buffer = loop.submit(() -> ByteBufAllocator.DEFAULT.directBuffer(16)).get();
			leave(buffer::release);
			end(loop);
		}

	}

	static final class Descriptor {

		@RegisterExtension
		static final EngineExtension EXTENSION = IMPATIENT;

		@Test
		void listeningSocket() throws IOException {
			leave(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
		}

		@Test
		void connection() {
			RawOrigin origin = RawOrigin.start();
			RawClient client = RawClient.connect(origin.port());
			client.get("/hello").readResponse();
			origin.close();
			leave(client);
		}

		@Test
		void file(@TempDir Path folder) throws IOException {
			Path file = Files.writeString(folder.resolve("access.txt"), "line");
			leave(new FileInputStream(file.toFile()));
		}

	}

	static final class Threads {

		@RegisterExtension
		static final EngineExtension EXTENSION = IMPATIENT;

		@Test
		void ofTheEngine() {
			CountDownLatch end = new CountDownLatch(1);
			Thread thread = new Thread(() -> {
				try {
					end.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}, "pingora-forgotten");
			thread.start();
			leave(end::countDown);
		}

		@Test
		void ofAnEventLoop() throws Exception {
			MultiThreadIoEventLoopGroup loop = loop();
			assertThat(loop.submit(() -> 1).get()).isOne();
			leave(() -> end(loop));
		}

	}

	static final class Log {

		@RegisterExtension
		static final EngineExtension EXTENSION = IMPATIENT;

		@Test
		void listenerThrows() {
			var promise = new DefaultPromise<String>(ImmediateEventExecutor.INSTANCE);
			promise.addListener((future) -> {
				throw new IllegalStateException("thrown by a listener");
			});
			assertThat(promise.trySuccess("done")).isTrue();
		}

		@Test
		void taskThrows() throws Exception {
			MultiThreadIoEventLoopGroup loop = loop();
			loop.execute(() -> {
				throw new IllegalStateException("thrown by a task");
			});
			assertThat(loop.submit(() -> 1).get()).isOne();
			end(loop);
		}

		@Test
		void nobodyHandles() {
			MultiThreadIoEventLoopGroup loop = loop();
			NioSocketChannel channel = new NioSocketChannel();
			assertThat(loop.register(channel).syncUninterruptibly().isSuccess()).isTrue();
			channel.pipeline().fireExceptionCaught(new IllegalStateException("handled by nobody"));
			channel.close().syncUninterruptibly();
			end(loop);
		}

	}

	static final class WholeClass {

		@RegisterExtension
		static final EngineExtension EXTENSION = IMPATIENT;

		@BeforeAll
		static void before() {
			leave(ByteBufAllocator.DEFAULT.directBuffer(16)::release);
		}

		@Test
		void innocent() {
			assertThat(LEFT).isNotEmpty();
		}

	}

	static final class SharedServer {

		@RegisterExtension
		static final EngineExtension EXTENSION = EngineExtension.perClass().patience(Duration.ofMillis(150));

		@Test
		void leavesForTheNext() {
			leave(ByteBufAllocator.DEFAULT.directBuffer(16)::release);
		}

		@Test
		void leavesNothing() {
			assertThat(LEFT).hasSizeLessThan(2);
		}

	}

}
