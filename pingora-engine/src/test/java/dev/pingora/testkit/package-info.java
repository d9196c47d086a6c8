/**
 * The test kit: hostile clients, a scriptable origin, bystanders and the check that a
 * test leaves nothing behind. It knows nothing of the engine, so that it can't share its
 * mistakes, and other modules use it as a test jar.
 * <p>
 * Start with {@link dev.pingora.testkit.EngineExtension},
 * {@link dev.pingora.testkit.RawOrigin} and {@link dev.pingora.testkit.RawClient}.
 * <p>
 * Everything listens on the loopback interface at an ephemeral port, is bounded in time
 * and is ended by whoever started it. The checks count what the whole JVM holds: run test
 * classes one after another.
 */
@NullMarked
package dev.pingora.testkit;

import org.jspecify.annotations.NullMarked;
