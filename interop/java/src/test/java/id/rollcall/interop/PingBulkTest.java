package id.rollcall.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.bulk.BulkOperation;
import com.unboundid.scim2.common.bulk.BulkOperationResult;
import com.unboundid.scim2.common.exceptions.ContentTooLargeException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Manager;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.UserResource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Bulk requests through the client library of UnboundID (Ping Identity), scim2-sdk-client. */
class PingBulkTest {
  private final ScimService scim = Ping.connect(Service.TOKEN);

  private static UserResource user(String prefix) {
    return new UserResource().setUserName(Service.unique(prefix));
  }

  private List<BulkOperationResult> send(BulkOperation... operations) throws Exception {
    return scim.bulkRequest().append(operations).invoke().getOperations();
  }

  private static List<String> statuses(List<BulkOperationResult> results) {
    return results.stream().map(BulkOperationResult::getStatus).collect(Collectors.toList());
  }

  private static String id(BulkOperationResult result) {
    return result.getLocation().substring(result.getLocation().lastIndexOf('/') + 1);
  }

  @Test
  void theConfigurationHasItsLimits() throws Exception {
    assertTrue(scim.getServiceProviderConfig().getBulk().isSupported());
    assertTrue(scim.getServiceProviderConfig().getBulk().getMaxOperations() > 0);
    assertTrue(scim.getServiceProviderConfig().getBulk().getMaxPayloadSize() > 0);
  }

  @Test
  void aGroupHoldsAUserOfTheSameRequest() throws Exception {
    GroupResource group = new GroupResource().setDisplayName(Service.unique("G")).setMembers(new Member().setValue("bulkId:u"));
    List<BulkOperationResult> results = send(BulkOperation.post("/Groups", group).setBulkId("g"), BulkOperation.post("/Users", user("u")).setBulkId("u"));
    assertEquals(List.of("201", "201"), statuses(results));
    assertEquals("g", results.get(0).getBulkId());
    assertNotNull(results.get(0).getVersion());
    GroupResource stored = scim.retrieve("Groups", id(results.get(0)), GroupResource.class);
    assertEquals(id(results.get(1)), stored.getMembers().get(0).getValue());
  }

  @Test
  void twoUsersManageEachOther() throws Exception {
    UserResource a = user("a");
    a.setExtension(new EnterpriseUserExtension().setManager(new Manager().setValue("bulkId:b")));
    UserResource b = user("b");
    b.setExtension(new EnterpriseUserExtension().setManager(new Manager().setValue("bulkId:a")));
    List<BulkOperationResult> results = send(BulkOperation.post("/Users", a).setBulkId("a"), BulkOperation.post("/Users", b).setBulkId("b"));
    assertEquals(List.of("201", "201"), statuses(results));
    for (int i = 0; i < 2; i++) {
      UserResource stored = scim.retrieve("Users", id(results.get(i)), UserResource.class);
      assertEquals(id(results.get(1 - i)), stored.getExtension(EnterpriseUserExtension.class).getManager().getValue());
    }
  }

  @Test
  void everyMethodInOneRequest() throws Exception {
    UserResource patched = scim.create("Users", user("patched"));
    UserResource put = scim.create("Users", user("put").setTitle("T"));
    UserResource gone = scim.create("Users", user("gone"));
    List<BulkOperationResult> results = send(BulkOperation.patch("/Users/" + patched.getId(), PatchOperation.replace("title", "P")),
        BulkOperation.put("/Users/" + put.getId(), new UserResource().setUserName(put.getUserName())),
        BulkOperation.delete("/Users/" + gone.getId()).setVersion(gone.getMeta().getVersion()));
    assertEquals(List.of("200", "200", "204"), statuses(results));
    assertEquals("P", scim.retrieve(patched).getTitle());
    assertNull(scim.retrieve(put).getTitle());
    assertThrows(ResourceNotFoundException.class, () -> scim.retrieve(gone));
  }

  @Test
  void oneOperationFailsAndTheOthersDoNot() throws Exception {
    UserResource there = scim.create("Users", user("there"));
    List<BulkOperationResult> results = send(
        BulkOperation.post("/Users", new UserResource().setUserName(there.getUserName())).setBulkId("twice"),
        BulkOperation.delete("/Users/nobody"),
        BulkOperation.delete("/Users/" + there.getId()).setVersion("W/\"999\""),
        BulkOperation.post("/Users", user("fine")).setBulkId("fine"));
    assertEquals(List.of("409", "404", "412", "201"), statuses(results));
    assertEquals("uniqueness", results.get(0).getResponse().get("scimType").asText());
    assertEquals("409", results.get(0).getResponse().get("status").asText());
    assertEquals(there, scim.retrieve(there));
  }

  @Test
  void tooManyOperationsAreRefusedAsAWhole() throws Exception {
    int most = scim.getServiceProviderConfig().getBulk().getMaxOperations();
    List<BulkOperation> operations = new ArrayList<>();
    for (int i = 0; i <= most; i++) {
      operations.add(BulkOperation.delete("/Users/nobody"));
    }
    assertThrows(ContentTooLargeException.class, () -> scim.bulkRequest().append(operations).invoke());
  }
}
