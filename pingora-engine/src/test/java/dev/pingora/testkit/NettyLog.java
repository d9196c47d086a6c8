package dev.pingora.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.MessageFormatter;

/**
 * Hears what Netty logs, on its way to SLF4J, and remembers what tells of a Throwable
 * that no border has contained. An appender would be lost whenever Spring Boot sets up
 * the logging anew.
 */
final class NettyLog extends InternalLoggerFactory {

	/** How the messages begin that no test may cause. */
	private static final List<String> FORBIDDEN = List.of("An exception was thrown by", "A task raised an exception",
			"LEAK:", "An exceptionCaught() event was fired, and it reached at the tail", "Failed to release a message",
			"Unexpected exception in the selector loop");

	private static final int SHOWN = 15;

	private static final Queue<Message> HEARD = new ConcurrentLinkedQueue<>();

	/** What was heard and not reported yet. */
	static List<Message> heard() {
		return List.copyOf(HEARD);
	}

	/** Blames nobody else for it. */
	static void forget(Message message) {
		HEARD.remove(message);
	}

	@Override
	protected InternalLogger newInstance(String name) {
		InternalLogger target = ((Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE).newInstance(name);
		return (InternalLogger) Proxy.newProxyInstance(NettyLog.class.getClassLoader(),
				new Class<?>[] { InternalLogger.class }, (proxy, method, arguments) -> {
					if (arguments != null) {
						hear(arguments);
					}
					return invoke(target, method, arguments);
				});
	}

	private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
			throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

	// message; message, throwable; message, one; message, one, two; message, several[]
	// and the same after a level.
	private static void hear(Object[] arguments) {
		List<@Nullable Object> rest = new ArrayList<>();
		String message = null;
		for (Object argument : arguments) {
			if (message == null) {
				message = (argument instanceof String text) ? text : null;
			}
			else if (argument instanceof Object[] several) {
				rest.addAll(List.of(several));
			}
			else {
				rest.add(argument);
			}
		}
		if (message != null && FORBIDDEN.stream().anyMatch(message::startsWith)) {
			HEARD.add(new Message("Netty logged: " + describe(message, rest.toArray())));
		}
	}

	private static String describe(String message, @Nullable Object[] arguments) {
		var formatted = MessageFormatter.arrayFormat(message, arguments);
		StringBuilder text = new StringBuilder(String.valueOf(formatted.getMessage()));
		Throwable thrown = formatted.getThrowable();
		if (thrown != null) {
			text.append("\n\t\t").append(thrown);
			StackTraceElement[] stack = thrown.getStackTrace();
			for (int i = 0; i < Math.min(stack.length, SHOWN); i++) {
				text.append("\n\t\tat ").append(stack[i]);
			}
		}
		return text.toString();
	}

	/** A message: equal to itself alone, since each repetition counts. */
	static final class Message {

		private final String text;

		Message(String text) {
			this.text = text;
		}

		String text() {
			return this.text;
		}

	}

}
