package dev.pingora.autoconfigure.sentry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import org.jspecify.annotations.Nullable;

/**
 * What makes panics alike: the class of what was thrown, the top frames of the
 * application's own code, phase, filter and route. Neither messages nor line numbers, so
 * that neither values nor a new release part what belongs together.
 */
final class PanicFingerprint {

	private static final int FRAMES = 3;

	private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.", "io.netty.",
			"org.springframework.", "dev.pingora.");

	private final Predicate<String> inApp;

	/**
	 * Makes fingerprints.
	 * @param inApp tells of a class name whether the user called it part of the
	 * application
	 */
	PanicFingerprint(Predicate<String> inApp) {
		this.inApp = inApp;
	}

	List<String> of(Panic panic) {
		List<String> fingerprint = new ArrayList<>();
		fingerprint.add(panic.cause().getClass().getName());
		// The stack of a user's own throwable may be anything, and asking for it may
		// panic.
		PanicIsolation.capture(() -> frames(panic.cause().getStackTrace()).forEach(fingerprint::add));
		PanicSite site = panic.site();
		fingerprint.add("phase " + site.phase());
		fingerprint.add("filter " + text(site.filter()));
		fingerprint.add("route " + text(site.route()));
		return List.copyOf(fingerprint);
	}

	private List<String> frames(StackTraceElement[] stack) {
		return Stream.<Predicate<String>>of(this.inApp, PanicFingerprint::isNoLibrary, (name) -> true)
			.map((wanted) -> frames(stack, wanted))
			.filter((frames) -> !frames.isEmpty())
			.findFirst()
			.orElse(List.of());
	}

	private static List<String> frames(StackTraceElement[] stack, Predicate<String> wanted) {
		return Arrays.stream(stack)
			.filter((frame) -> wanted.test(frame.getClassName()))
			.limit(FRAMES)
			.map((frame) -> className(frame) + "." + frame.getMethodName())
			.toList();
	}

	private static boolean isNoLibrary(String className) {
		return LIBRARIES.stream().noneMatch(className::startsWith);
	}

	// The names of classes that are made at run time are different in each process.
	private static String className(StackTraceElement frame) {
		String name = frame.getClassName();
		int generated = name.indexOf("$$");
		return (generated > 0) ? name.substring(0, generated) : name;
	}

	private static String text(@Nullable String name) {
		return (name != null) ? name : "-";
	}

}
