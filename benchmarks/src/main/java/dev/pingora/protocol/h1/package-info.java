/**
 * What heads and bodies cost: in the package of the codec, whose classes are its own
 * affair.
 * <p>
 * Start with {@link dev.pingora.protocol.h1.HeadBenchmark}.
 * <p>
 * May import: the engine and JMH.
 */
@NullMarked
package dev.pingora.protocol.h1;

import org.jspecify.annotations.NullMarked;
