package id.rollcall.interop;

import com.unboundid.scim2.client.ScimService;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import org.glassfish.jersey.client.ClientConfig;
import org.glassfish.jersey.jnh.connector.JavaNetHttpConnectorProvider;

/** Makes connections of scim2-sdk-client. */
final class Ping {
  private Ping() {}

  static ScimService connect(String token) {
    ClientConfig config = new ClientConfig().connectorProvider(new JavaNetHttpConnectorProvider());
    ClientRequestFilter authorize = request -> request.getHeaders().putSingle("Authorization", "Bearer " + token);
    return new ScimService(ClientBuilder.newClient(config).register(authorize).target(Service.URL));
  }
}
