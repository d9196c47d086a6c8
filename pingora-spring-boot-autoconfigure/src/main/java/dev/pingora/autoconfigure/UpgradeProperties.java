package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.List;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * To which protocols clients may upgrade a connection, and how long such a tunnel lives.
 *
 * @param protocols protocols that may be asked for, a name or name/version each; an empty
 * value allows none
 * @param idleTimeout how long both sides of a tunnel may be silent
 * @param halfCloseTimeout how long one side may be silent after the other has ended
 * @param maxLifetime how long a tunnel may live at most; 0 means any time
 */
public record UpgradeProperties(@DefaultValue("websocket") List<String> protocols,
		@DefaultValue("10m") Duration idleTimeout, @DefaultValue("30s") Duration halfCloseTimeout,
		@DefaultValue("0s") Duration maxLifetime) {
}
