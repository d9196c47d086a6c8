package dev.pingora.proxy;

import dev.pingora.error.ProxyException;
import dev.pingora.event.RequestOutcome;
import dev.pingora.panic.Panic;
import org.jspecify.annotations.Nullable;

/**
 * How a request ended.
 *
 * @param outcome how it ended
 * @param error the failure that ended it, or {@code null}
 * @param panic the panic that ended it, or {@code null}
 */
public record RequestEnd(RequestOutcome outcome, @Nullable ProxyException error, @Nullable Panic panic) {
}
