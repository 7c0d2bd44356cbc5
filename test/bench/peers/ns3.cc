// ns-3 as a peer: connections that connect, send 100 bytes and close, over one point-to-point link.
//
// Connections start by the clock, as those of our churn do: with a rate of 3,200 a second and a
// round trip of 10 ms about 64 are under way at a time. How many linger in TIME-WAIT beside them is
// a matter of its length. What is timed begins when as many linger as ever will, and ends with the
// last start, so that each connection pays for the end of an earlier one's TIME-WAIT.
//
// Arguments: rate, one-way delay (ms), length of TIME-WAIT (ms), connections before those that are
// timed, connections that are timed. One line of JSON comes out.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/tcp-socket-base.h"
#include "ns3/tcp-socket-factory.h"

using namespace ns3;
using Clock = std::chrono::steady_clock;

namespace {

const uint16_t kPort = 80;
const uint32_t kBytes = 100;

Ptr<Node> clientNode;
Address server;
Time between;
uint64_t startsLeft = 0;

/** Connections of the client that came to TIME-WAIT, now linger there, and the most that did. */
uint64_t closed = 0;
uint64_t lingering = 0;
uint64_t lingeringMost = 0;
/** Connections of the server that got all bytes and the end, and that reached CLOSED. */
uint64_t served = 0;
uint64_t serverClosed = 0;
uint64_t bytes = 0;
uint64_t failed = 0;

struct Mark
{
    Clock::time_point at;
    std::clock_t processor;
    uint64_t closed;
};

/** When those that are timed begin, and when the last of them has begun. */
Mark first;
Mark last;

void
Note(Mark* mark)
{
    *mark = {Clock::now(), std::clock(), closed};
}

void
ClientMoved(TcpSocket::TcpStates_t before, TcpSocket::TcpStates_t after)
{
    if (after == TcpSocket::TIME_WAIT)
    {
        ++closed;
        ++lingering;
        if (lingering > lingeringMost)
        {
            lingeringMost = lingering;
        }
    }
    if (before == TcpSocket::TIME_WAIT)
    {
        --lingering;
    }
}

void
ServerMoved(TcpSocket::TcpStates_t before, TcpSocket::TcpStates_t after)
{
    if (before == TcpSocket::LAST_ACK && after == TcpSocket::CLOSED)
    {
        ++serverClosed;
    }
}

void
Connected(Ptr<Socket> socket)
{
    if (socket->Send(Create<Packet>(kBytes)) != static_cast<int>(kBytes))
    {
        ++failed;
    }
    socket->Close();
}

void
NotConnected(Ptr<Socket>)
{
    ++failed;
}

void
StartOne()
{
    Ptr<Socket> socket = Socket::CreateSocket(clientNode, TcpSocketFactory::GetTypeId());
    socket->TraceConnectWithoutContext("State", MakeCallback(&ClientMoved));
    socket->SetConnectCallback(MakeCallback(&Connected), MakeCallback(&NotConnected));
    if (socket->Connect(server) != 0)
    {
        ++failed;
    }
    if (--startsLeft > 0)
    {
        Simulator::Schedule(between, &StartOne);
    }
}

void
Readable(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        bytes += packet->GetSize();
    }
}

void
PeerClosed(Ptr<Socket> socket)
{
    ++served;
    socket->Close();
}

void
Accepted(Ptr<Socket> socket, const Address&)
{
    socket->TraceConnectWithoutContext("State", MakeCallback(&ServerMoved));
    socket->SetRecvCallback(MakeCallback(&Readable));
    socket->SetCloseCallbacks(MakeCallback(&PeerClosed), MakeNullCallback<void, Ptr<Socket>>());
}

} // namespace

int
main(int argc, char* argv[])
{
    if (argc != 6)
    {
        std::fprintf(stderr, "expected: rate delay_ms time_wait_ms before timed\n");
        return 2;
    }
    const double rate = std::atof(argv[1]);
    const double delayMs = std::atof(argv[2]);
    const double timeWaitMs = std::atof(argv[3]);
    const uint64_t before = std::strtoull(argv[4], nullptr, 10);
    const uint64_t timed = std::strtoull(argv[5], nullptr, 10);

    // TIME-WAIT lasts twice this.
    Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime", DoubleValue(timeWaitMs / 2000.0));

    NodeContainer nodes;
    nodes.Create(2);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
    link.SetChannelAttribute("Delay", TimeValue(MicroSeconds(delayMs * 1000)));
    NetDeviceContainer devices = link.Install(nodes);
    InternetStackHelper stack;
    stack.Install(nodes);
    Ipv4AddressHelper addresses;
    addresses.SetBase("10.0.0.0", "255.255.255.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);

    clientNode = nodes.Get(0);
    server = InetSocketAddress(interfaces.GetAddress(1), kPort);
    between = NanoSeconds(1e9 / rate);
    startsLeft = before + timed;

    Ptr<Socket> listener = Socket::CreateSocket(nodes.Get(1), TcpSocketFactory::GetTypeId());
    listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), kPort));
    listener->Listen();
    listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                MakeCallback(&Accepted));

    Simulator::Schedule(between * static_cast<int64_t>(before), &Note, &first);
    Simulator::Schedule(between * static_cast<int64_t>(before + timed), &Note, &last);
    Simulator::Schedule(Seconds(0), &StartOne);
    // Nothing repeats: the run is over when the last TIME-WAIT is.
    Simulator::Run();

    const double done = last.closed - first.closed;
    const std::chrono::duration<double> took = last.at - first.at;
    const double processor = last.processor - first.processor;
    std::printf("{\"connectionsPerSecond\":%.1f,\"perProcessorSecond\":%.1f,"
                "\"connections\":%llu,\"served\":%llu,\"serverClosed\":%llu,\"bytes\":%llu,"
                "\"failed\":%llu,\"timeWaitMost\":%llu}\n",
                done / took.count(),
                done * CLOCKS_PER_SEC / processor,
                static_cast<unsigned long long>(closed),
                static_cast<unsigned long long>(served),
                static_cast<unsigned long long>(serverClosed),
                static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(failed),
                static_cast<unsigned long long>(lingeringMost));
    Simulator::Destroy();
    return 0;
}
