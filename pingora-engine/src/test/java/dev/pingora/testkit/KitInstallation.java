package dev.pingora.testkit;

import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.internal.logging.InternalLoggerFactory;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Puts the kit's leak detector and log recorder into Netty before any class of Netty has
 * asked for them: when the test run starts, found as a service by JUnit.
 */
public final class KitInstallation implements LauncherSessionListener {

	private static boolean installed;

	@Override
	public void launcherSessionOpened(LauncherSession session) {
		install();
	}

	/**
	 * Installs both, once in this JVM. It is too late once Netty is in use, which
	 * {@link EngineExtension} notices.
	 */
	public static synchronized void install() {
		if (!installed) {
			installed = true;
			// first, or the leak detector has a log that nobody hears
			InternalLoggerFactory.setDefaultFactory(new NettyLog());
			ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new CountingLeakDetector.Factory());
		}
	}

}
