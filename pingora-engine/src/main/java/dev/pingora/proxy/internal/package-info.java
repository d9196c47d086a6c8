/**
 * One request: what the engine does from its head to its end.
 * <p>
 * Start with {@link dev.pingora.proxy.internal.RequestTask}, whose {@code phaseDone} is
 * the request's way from top to bottom. Around it: {@code PhaseWalk} calls the filters,
 * {@code UpstreamAttempt} is one try to call a peer, {@code BodyPump} moves both bodies,
 * {@code FailureFlow} decides what becomes of a failure, {@code Ending} is the one way
 * out.
 * <p>
 * May import: {@code connector}, {@code proxy} and the packages below them.
 */
@NullMarked
package dev.pingora.proxy.internal;

import org.jspecify.annotations.NullMarked;
